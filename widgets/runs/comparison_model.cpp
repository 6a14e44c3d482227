// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/comparison_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/number_text.h"

#include <cmath>

namespace leyden::ui {
namespace {
constexpr QLatin1String weights("state_dict/"); // what people look for; it needs no heading
} // namespace

ComparisonModel::ComparisonModel(const QList<CheckpointDifferenceRow>& rows, const QString& first,
    const QString& second, QObject* parent)
    : QAbstractTableModel(parent), m_rows(rows), m_first(first), m_second(second)
{
}

int ComparisonModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString ComparisonModel::text(const CheckpointDifferenceRow& row, int column) const
{
    const auto shown
        = [](const QString& value) { return value.isEmpty() ? tr("not there") : value; };
    switch (column) {
    case Name:
        return row.place.startsWith(weights) ? row.place.mid(weights.size()) : row.place;
    case First:
        return shown(row.first);
    case Second:
        return shown(row.second);
    case Largest:
        return std::isnan(row.largest) ? QString() : roundedNumber(row.largest, 5);
    default:
        return {};
    }
}

QString ComparisonModel::toolTip(const CheckpointDifferenceRow& row) const
{
    QStringList lines{row.place, tr("%1: %2").arg(m_first, text(row, First)),
        tr("%1: %2").arg(m_second, text(row, Second))};
    if (!row.amount.isEmpty())
        lines += row.amount;
    return lines.join(QLatin1Char('\n'));
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& row = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(toolTip(row));
    case Qt::TextAlignmentRole:
        return index.column() == Largest ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter))
                                         : QVariant();
    case SortRole:
        if (index.column() == Largest)
            return std::isnan(row.largest) ? -1.0 : row.largest;
        return text(row, index.column());
    default:
        return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section == Largest)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Name");
    case First:
        return m_first;
    case Second:
        return m_second;
    case Largest:
        return tr("Largest difference");
    default:
        return {};
    }
}

QString ComparisonModel::tabSeparated() const
{
    QString all;
    for (int row = -1; row < rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column)
            cells += row < 0     ? headerData(column, Qt::Horizontal).toString()
                : column == Name ? m_rows[row].place
                                 : text(m_rows[row], column);
        all += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return all;
}

} // namespace leyden::ui
