// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/data_rows_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/count_text.h"

#include <QFont>

#include <algorithm>

namespace leyden::ui {
namespace {

/// As CSVData reads a cell.
bool isMissing(const QString& cell)
{
    const auto text = cell.trimmed();
    return text.isEmpty() || text == QLatin1String("NA")
        || text.compare(QLatin1String("nan"), Qt::CaseInsensitive) == 0;
}

} // namespace

QString columnTypeText(DataColumnType type)
{
    switch (type) {
    case DataColumnType::Number:
        return DataRowsModel::tr("number");
    case DataColumnType::Text:
        return DataRowsModel::tr("text");
    case DataColumnType::Mixed:
        return DataRowsModel::tr("mixed");
    case DataColumnType::Empty:
        break;
    }
    return DataRowsModel::tr("empty");
}

void DataRowsModel::setPreview(const DataPreview& preview)
{
    beginResetModel();
    m_columns = preview.columns;
    m_rows = preview.rows;
    m_order.clear();
    for (int column = 0; column < m_columns.size(); ++column)
        m_order += column;
    const auto target = std::find_if(m_order.begin(), m_order.end(),
        [&](int column) { return m_columns[column].name == preview.target; });
    m_hasTarget = target != m_order.end();
    if (m_hasTarget)
        std::rotate(m_order.begin(), target, target + 1);
    endResetModel();
}

int DataRowsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int DataRowsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

QString DataRowsModel::cell(int row, int column) const
{
    return m_rows[row].value(m_order[column]);
}

QVariant DataRowsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto text = cell(index.row(), index.column());
    switch (role) {
    case Qt::DisplayRole:
        return isMissing(text) ? tr("missing") : text;
    case Qt::ToolTipRole:
        return plainToolTip(text);
    case MissingRole:
        return isMissing(text);
    case TargetRole:
        return m_hasTarget && index.column() == 0;
    case Qt::TextAlignmentRole:
        if (m_columns[m_order[index.column()]].type == DataColumnType::Number)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    default:
        return {};
    }
}

QVariant DataRowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= m_order.size())
        return {};
    const auto& column = m_columns[m_order[section]];
    const auto isTarget = m_hasTarget && section == 0;
    switch (role) {
    case Qt::DisplayRole:
        return QStringLiteral("%1\n%2").arg(
            column.name, isTarget ? tr("target") : columnTypeText(column.type));
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
        const auto text
            = tr("%1: %2, %3 missing")
                  .arg(column.name, columnTypeText(column.type), countText(column.missing));
        return role == Qt::ToolTipRole ? plainToolTip(text) : text;
    }
    case TargetRole:
        return isTarget;
    case Qt::FontRole: {
        QFont font;
        font.setBold(isTarget);
        return font;
    }
    default:
        return {};
    }
}

} // namespace leyden::ui
