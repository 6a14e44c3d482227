// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"
#include "widgets/data/preview_panel.h"

class QTabWidget;
class QTableView;
class QTreeView;

namespace leyden::ui {

class ClassCountsView;
class DataColumnsModel;
class DataRowsModel;
class SplitBar;

/// What the config's data holds: first rows, columns, classes, split; or why it cannot be shown.
class DataPreviewPanel final : public PreviewPanel
{
    Q_OBJECT

public:
    explicit DataPreviewPanel(QWidget* parent = nullptr);

    DataRowsModel* rowsModel() const { return m_rows; }
    DataColumnsModel* columnsModel() const { return m_columns; }

public Q_SLOTS:
    void showPreview(const leyden::ui::DataPreview& preview);
    void clear(); ///< no config yet

private:
    void setupContent();
    QTableView* makeRowsView();
    QTreeView* makeColumnsView();
    QString summaryText(const DataPreview& preview) const;

    DataRowsModel* m_rows;
    DataColumnsModel* m_columns;
    SplitBar* m_split = nullptr;
    QWidget* m_classesPart = nullptr; ///< not there where there are no classes
    ClassCountsView* m_classes = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView* m_rowsView = nullptr;
};

} // namespace leyden::ui
