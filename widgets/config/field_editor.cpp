// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/field_editor.h"

#include "widgets/config/component_editor.h"
#include "widgets/config/component_list_editor.h"
#include "widgets/config/form_context.h"
#include "widgets/config/value_editors.h"

namespace leyden::ui {

FieldEditor* makeFieldEditor(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent)
{
    switch (option.editor()) {
    case EditorKind::Check:
        return new CheckEditor(option, parent);
    case EditorKind::Choice:
        return new ChoiceEditor(option, parent);
    case EditorKind::Component:
        return new ComponentEditor(context, option, pointer, parent);
    case EditorKind::ComponentList:
        return new ComponentListEditor(context, option, pointer, parent);
    case EditorKind::Section:
        return new SectionEditor(context, option, pointer, parent);
    case EditorKind::Text:
    case EditorKind::Path:
        break;
    }
    auto* text = new TextEditor(option, parent);
    if (!option.namesOf.isEmpty())
        text->offerNames(context.document);
    return text;
}

} // namespace leyden::ui
