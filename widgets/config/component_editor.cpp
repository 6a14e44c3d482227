// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/component_editor.h"

#include "widgets/common/card.h"
#include "widgets/config/config_document.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/options_view.h"
#include "widgets/config/value_editors.h"

#include <QLabel>
#include <QVBoxLayout>

namespace leyden::ui {

OptionsView* ComponentOptions::make(
    FormContext& context, const ComponentSchema& component, const QString& pointer, QWidget* parent)
{
    auto options = placed(component.initArgs, childPointer(pointer, QStringLiteral("init_args")));
    for (auto& own : placed(component.ownOptions, pointer))
        options.push_back(std::move(own));
    return new OptionsView(context, options, QString(), parent);
}

ComponentEditor::ComponentEditor(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent)
    : FieldEditor(parent)
    , m_context(context)
    , m_option(option)
    , m_pointer(pointer)
    , m_card(new Card(this))
    , m_box(new MarkedComboBox(m_card))
    , m_help(new QLabel(m_card))
{
    setupBox();
    m_help->setTextFormat(Qt::PlainText);
    m_help->setWordWrap(true);
    m_help->setForegroundRole(QPalette::PlaceholderText);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 0, 12, 0);
    head->setSpacing(12);
    m_box->setFixedSize(240, 26);
    head->addWidget(m_box, 0, Qt::AlignTop);
    head->addWidget(m_help, 1, Qt::AlignVCenter);
    auto* cardLayout = new QVBoxLayout(m_card);
    cardLayout->setContentsMargins(0, 12, 8, 12);
    cardLayout->setSpacing(8);
    cardLayout->addLayout(head);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_card);
}

void ComponentEditor::setupBox()
{
    m_box->setPlaceholderText(tr("choose"));
    if (m_option.isNullable())
        m_box->addItem(tr("none"));
    for (const auto& component : m_context.document.schema().components(m_option.componentKind())) {
        m_box->addItem(component.name, component.name);
        m_box->setItemData(m_box->count() - 1, component.help, Qt::ToolTipRole);
    }
    connect(m_box, &QComboBox::activated, this, &ComponentEditor::choose);
}

QWidget* ComponentEditor::input()
{
    return m_box;
}

void ComponentEditor::setProblem(bool hasProblem)
{
    m_box->setProblem(hasProblem);
}

void ComponentEditor::choose(int idx)
{
    const auto name = m_box->itemData(idx).toString();
    auto& document = m_context.document;
    const auto now = document.value(m_pointer);
    if (now && !now->is_null())
        m_remembered[classPathOf(&*now)] = *now;
    document.finishEdit();
    if (name.isEmpty()) {
        document.setValue(m_pointer, Json(nullptr));
    } else {
        auto component = now && now->is_object() ? *now : Json::object(); // keeps interval, ...
        component["class_path"] = name.toStdString();
        component["init_args"] = Json::object();
        const auto* original = findValue(document.baseline(), pointerTokens(m_pointer));
        if (m_remembered.contains(name))
            component = m_remembered.value(name);
        else if (classPathOf(original) == name)
            component = *original;
        document.setValue(m_pointer, component);
    }
    document.finishEdit();
}

void ComponentEditor::showValue(const std::optional<Json>& value)
{
    const auto shown = value ? value : m_option.defaultValue;
    const auto name = shown ? classPathOf(&*shown) : QString();
    auto idx = name.isEmpty() ? -1 : m_box->findData(name);
    if (name.isEmpty() && m_option.isNullable())
        idx = 0;
    if (idx < 0 && !name.isEmpty()) { // a class that the schema does not know
        m_box->addItem(name, name);
        idx = m_box->count() - 1;
    }
    m_box->setCurrentIndex(idx);
    if (name != m_shownName)
        showOptions(name);
}

void ComponentEditor::showOptions(const QString& name)
{
    m_shownName = name;
    if (m_options) { // an event of a row inside may have led here
        m_options->hide();
        m_options->setParent(nullptr);
        m_options->deleteLater();
        m_options = nullptr;
    }
    const auto* component = m_context.document.schema().component(m_option.componentKind(), name);
    m_help->setText(component ? component->help
            : name.isEmpty()  ? QString()
                              : tr("There is no %1 of this name.").arg(m_option.componentKind()));
    if (!component)
        return;
    m_options = ComponentOptions::make(m_context, *component, m_pointer, m_card);
    m_options->setVisible(!m_options->rows().empty());
    m_card->layout()->addWidget(m_options);
    m_options->applyFilter();
}

FilterResult ComponentEditor::applyFilter()
{
    return m_options ? m_options->applyFilter() : FilterResult();
}

SectionEditor::SectionEditor(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent)
    : FieldEditor(parent)
    , m_options(new OptionsView(context, placed(option.section, pointer), QString(), this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_options);
}

FilterResult SectionEditor::applyFilter()
{
    return m_options->applyFilter();
}

} // namespace leyden::ui
