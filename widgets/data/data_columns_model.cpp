// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/data_columns_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/data/data_rows_model.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

#include <cmath>

namespace leyden::ui {

void DataColumnsModel::setPreview(const DataPreview& preview)
{
    beginResetModel();
    m_columns = preview.columns;
    m_target = preview.target;
    m_rowCount = preview.rowCount;
    endResetModel();
}

int DataColumnsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

int DataColumnsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString DataColumnsModel::text(const DataColumn& column, int what) const
{
    switch (what) {
    case Name:
        return column.name == m_target ? tr("%1 (target)").arg(column.name) : column.name;
    case Type:
        return columnTypeText(column.type);
    case Missing:
        if (column.missing == 0 || m_rowCount <= 0)
            return countText(column.missing);
        return tr("%1 (%2 %)")
            .arg(countText(column.missing),
                roundedNumber(100.0 * double(column.missing) / double(m_rowCount), 2));
    case Distinct:
        // The engine stops counting there.
        return column.distinct > 1000 ? tr("over 1,000")
            : column.distinct < 0     ? QString()
                                      : countText(column.distinct);
    case Range:
        if (column.type != DataColumnType::Number || std::isnan(column.minimum))
            return {};
        return tr("%1 to %2")
            .arg(roundedNumber(column.minimum, 6), roundedNumber(column.maximum, 6));
    default:
        return {};
    }
}

QVariant DataColumnsModel::rawValue(const DataColumn& column, int what) const
{
    switch (what) {
    case Missing:
        return column.missing;
    case Distinct:
        return column.distinct;
    case Range:
        return column.minimum;
    default:
        return text(column, what);
    }
}

QVariant DataColumnsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& column = m_columns[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return text(column, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(text(column, index.column()));
    case SortRole:
        return rawValue(column, index.column());
    case Qt::TextAlignmentRole:
        if (index.column() >= Missing)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    default:
        return {};
    }
}

QVariant DataColumnsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section >= Missing)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    }
    switch (section) {
    case Name:
        return tr("Column");
    case Type:
        return tr("Type");
    case Missing:
        return tr("Missing");
    case Distinct:
        return tr("Distinct");
    case Range:
        return tr("Range");
    default:
        return {};
    }
}

} // namespace leyden::ui
