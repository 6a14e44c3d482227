// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/config_schema.h"
#include "widgets/config/form_context.h"

#include <QWidget>

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace leyden::ui {

class FieldEditor;

/// One option in a form: its name and help, the editor, the unit, the mark of a change with the way
/// back, and below what is wrong with it. The input is named "field:" + pointer.
class FieldRow final : public QWidget
{
    Q_OBJECT

public:
    FieldRow(
        FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent);

    const QString& pointer() const { return m_pointer; }
    const OptionSchema& option() const { return m_option; }
    bool isChanged() const { return m_isChanged; }
    bool hasProblem() const { return m_hasProblem; }
    void focusInput();

    /// Shows or hides itself and the fields inside, after the context's search and tier.
    FilterResult applyFilter();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void setupLabels(QGridLayout& layout);
    void setupEditor(QGridLayout& layout);
    QHBoxLayout* makeEditorLine(); ///< the editor and its unit
    QToolButton* resetButton();    ///< made when first needed: most rows never do
    QLabel* problemLabel();

    void onChanged(const QString& pointer);
    void refreshValue();
    void refreshMarks();
    void refreshEnabled();
    void refreshProblems();
    void reveal(); ///< a row that was hidden as advanced, and now has something to say
    QString missingDependency() const; ///< why the option does not matter now, or ""
    bool fitsSearch() const;

    FormContext& m_context;
    const OptionSchema& m_option;
    QString m_pointer;
    FieldEditor* m_editor = nullptr;
    QVBoxLayout* m_side = nullptr; ///< editor and problem; of a container: the problem alone
    QLabel* m_name = nullptr;
    QHBoxLayout* m_line = nullptr; ///< editor, unit, way back; of a container: null
    QToolButton* m_reset = nullptr;
    QLabel* m_problem = nullptr;
    bool m_isChanged = false;
    bool m_hasProblem = false;
};

} // namespace leyden::ui
