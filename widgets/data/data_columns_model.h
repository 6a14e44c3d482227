// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/data/data_preview.h"

#include <QAbstractTableModel>

namespace leyden::ui {

/// The columns of a table, a row each: what they hold, and what is missing.
class DataColumnsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Type, Missing, Distinct, Range, ColumnCount };
    enum Role { SortRole = Qt::UserRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setPreview(const DataPreview& preview);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const DataColumn& column, int what) const;
    QVariant rawValue(const DataColumn& column, int what) const;

    QList<DataColumn> m_columns;
    QString m_target;
    qint64 m_rowCount = -1;
};

} // namespace leyden::ui
