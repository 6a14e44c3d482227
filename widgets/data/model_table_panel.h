// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/model_table_model.h"

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTreeView;

namespace leyden::ui {

class StatePage;

/// The layers of the config's model with their parameters; or why they cannot be shown.
class ModelTablePanel final : public QWidget
{
    Q_OBJECT

public:
    explicit ModelTablePanel(QWidget* parent = nullptr);

    ModelTableModel* model() const { return m_model; }

public Q_SLOTS:
    void showTable(const leyden::ui::ModelTable& table);
    void showLoading(); ///< what is shown stays, with a note
    void showHint(const QString& text); ///< why there is no table, where nothing is wrong
    void showProblem(const QString& sentence);
    void clear(); ///< no config yet

private:
    QWidget* makeContent();
    void copy() const; ///< the table as tab-separated text
    QString totalsText(const ModelTable& table) const;

    ModelTableModel* m_model;
    QStackedWidget* m_stack;
    StatePage* m_state;
    QWidget* m_content = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_busy = nullptr;
    QTreeView* m_view = nullptr;
    QLabel* m_totals = nullptr;
};

} // namespace leyden::ui
