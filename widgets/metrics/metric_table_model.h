// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_store.h"

#include <QAbstractTableModel>

namespace leyden::ui {
/// One line a metric: its last and its best value. Reads a store that outlives it; refresh() after
/// the store has changed.
class MetricTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Last, Best, AtStep, ColumnCount };
    enum Role { SortRole = Qt::UserRole }; ///< the raw number or name

    explicit MetricTableModel(const MetricStore& store, QObject* parent = nullptr);

    /// The direction of the monitored metric; others go by their names.
    void setMode(const QString& name, MetricMode mode);
    void refresh();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QVariant number(const MetricSeries& series, int column) const;

    const MetricStore& m_store;
    QHash<QString, MetricMode> m_modes;
    QStringList m_names; // the store's, as the views know them
};
} // namespace leyden::ui
