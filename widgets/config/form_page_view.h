// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/form_context.h"

#include <QScrollArea>

class QLabel;
class QToolButton;

namespace leyden::ui {

struct FormPage;
class FieldRow;
class OptionsView;

/// The options of one page, and below how many more there are.
class FormPageView final : public QScrollArea
{
    Q_OBJECT

public:
    FormPageView(FormContext& context, const FormPage& page, QWidget* parent);

    FilterResult applyFilter();
    FieldRow* row(const QString& pointer) const;

Q_SIGNALS:
    void allRequested();

private:
    FormContext& m_context;
    OptionsView* m_options;
    QLabel* m_nothing;
    QToolButton* m_more;
};

} // namespace leyden::ui
