// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"
#include "widgets/config/form_context.h"
#include "widgets/config/json.h"

#include <QWidget>

#include <optional>

namespace leyden::ui {

/// Edits the value of one option. It writes to no document: its row does.
class FieldEditor : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// `value` is what the config has; nothing: the default holds.
    virtual void showValue(const std::optional<Json>& value) = 0;
    /// The widget that takes the focus.
    virtual QWidget* input() = 0;
    /// Marks the input as wrong; the row has the message.
    virtual void setProblem(bool) { }
    /// Filters the fields inside, if it has any.
    virtual FilterResult applyFilter() { return {}; }
    /// Whether fields stand inside, so that it takes a row of its own below the name.
    virtual bool isContainer() const { return false; }

Q_SIGNALS:
    void edited(const std::optional<leyden::ui::Json>& value); ///< nothing: unset
    void finished(); ///< the next edit is another undo step
};

/// The editor that fits an option. `pointer` is its place in the config.
FieldEditor* makeFieldEditor(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent);

} // namespace leyden::ui
