// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QAbstractTableModel>

namespace leyden::ui {

/// The first rows of a table as they are written, the target's column first.
class DataRowsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role { MissingRole = Qt::UserRole, TargetRole }; ///< bool each; TargetRole of headers too

    using QAbstractTableModel::QAbstractTableModel;

    void setPreview(const DataPreview& preview);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString cell(int row, int column) const;

    QList<DataColumn> m_columns;
    QList<QStringList> m_rows;
    QList<int> m_order;       ///< the file's column at each of ours
    bool m_hasTarget = false; ///< stands in column 0
};

/// "number", "text" ...
QString columnTypeText(DataColumnType type);

} // namespace leyden::ui
