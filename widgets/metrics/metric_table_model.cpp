// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/metrics/metric_table_model.h"

#include "widgets/common/plain_text.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"

namespace leyden::ui {
MetricTableModel::MetricTableModel(const MetricStore& store, QObject* parent)
    : QAbstractTableModel(parent), m_store(store), m_names(store.names())
{
}

void MetricTableModel::setMode(const QString& name, MetricMode mode)
{
    m_modes[name] = mode;
    if (const auto row = m_names.indexOf(name); row >= 0)
        Q_EMIT dataChanged(index(int(row), Best), index(int(row), AtStep));
}

void MetricTableModel::refresh()
{
    const auto& names = m_store.names();
    const auto known = m_names.size();
    if (names.size() < known || names.mid(0, known) != m_names) { // cleared: another run
        beginResetModel();
        m_names = names;
        endResetModel();
        return;
    }
    if (known > 0)
        Q_EMIT dataChanged(index(0, Last), index(int(known) - 1, ColumnCount - 1));
    if (names.size() > known) {
        beginInsertRows({}, int(known), int(names.size()) - 1);
        m_names = names;
        endInsertRows();
    }
}

int MetricTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_names.size());
}

int MetricTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MetricTableModel::number(const MetricSeries& series, int column) const
{
    if (column == Last)
        return series.value(series.size() - 1);
    const auto mode = m_modes.contains(series.name()) ? std::optional(m_modes.value(series.name()))
                                                      : guessedMode(series.name());
    const auto best = mode ? series.bestIndex(*mode) : -1;
    if (best < 0)
        return {};
    return column == Best ? series.value(best) : m_store.point(series, best).step;
}

QVariant MetricTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& name = m_names.at(index.row());
    if (index.column() == Name)
        return role == Qt::ToolTipRole                    ? plainToolTip(name)
            : role == Qt::DisplayRole || role == SortRole ? QVariant(name)
                                                          : QVariant();
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    const auto* series = m_store.series(name);
    if (!series) // the store was cleared, and nobody said refresh() yet
        return {};
    const auto value = number(*series, index.column());
    if (role == SortRole || !value.isValid())
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("–")) : value;
    if (role == Qt::DisplayRole)
        return index.column() == AtStep ? countText(value.toLongLong())
                                        : roundedNumber(value.toDouble(), 5);
    if (role == Qt::ToolTipRole)
        return exactNumber(value.toDouble());
    return {};
}

QVariant MetricTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Metric");
    case Last:
        return tr("Last");
    case Best:
        return tr("Best");
    case AtStep:
        return tr("At step");
    default:
        return {};
    }
}
} // namespace leyden::ui
