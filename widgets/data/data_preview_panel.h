// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QTreeView;

namespace leyden::ui {

class ClassCountsView;
class DataColumnsModel;
class DataRowsModel;
class ElidedLabel;
class SplitBar;
class StatePage;

/// What the config's data holds: first rows, columns, classes, split; or why it cannot be shown.
class DataPreviewPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit DataPreviewPanel(QWidget* parent = nullptr);

    DataRowsModel* rowsModel() const { return m_rows; }
    DataColumnsModel* columnsModel() const { return m_columns; }

public Q_SLOTS:
    void showPreview(const leyden::ui::DataPreview& preview);
    void showLoading(); ///< what is shown stays, with a note, so that an edit makes nothing flicker
    void showProblem(const QString& sentence);
    void clear(); ///< no config yet

private:
    QWidget* makeContent();
    QTableView* makeRowsView();
    QTreeView* makeColumnsView();
    QString summaryText(const DataPreview& preview) const;

    DataRowsModel* m_rows;
    DataColumnsModel* m_columns;
    QStackedWidget* m_stack;
    StatePage* m_state;
    QWidget* m_content = nullptr;
    ElidedLabel* m_title = nullptr;
    QLabel* m_busy = nullptr;
    QLabel* m_summary = nullptr;
    SplitBar* m_split = nullptr;
    QLabel* m_classesTitle = nullptr;
    ClassCountsView* m_classes = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView* m_rowsView = nullptr;
};

} // namespace leyden::ui
