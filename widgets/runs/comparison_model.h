// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QAbstractTableModel>

namespace leyden::ui {

/// One place where two checkpoints differ.
struct CheckpointDifferenceRow
{
    QString place;               ///< "state_dict/net.0.weight"
    QString first;               ///< what the first one has there; empty: nothing
    QString second;              ///< likewise
    QString amount;              ///< "7 of 640 elements differ, by 0.25 at most"; may be empty
    double largest = notANumber; ///< difference of two numbers; NaN: not of numbers
};

/// Where two checkpoints differ, a row a place.
class ComparisonModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, First, Second, Largest, ColumnCount };
    enum Role { SortRole = Qt::UserRole }; ///< the raw value

    /// `first`, `second`: how people call the two, as headings.
    ComparisonModel(const QList<CheckpointDifferenceRow>& rows, const QString& first,
        const QString& second, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    QString tabSeparated() const; ///< with headings, for a spreadsheet

private:
    QString text(const CheckpointDifferenceRow& row, int column) const;
    QString toolTip(const CheckpointDifferenceRow& row) const;

    QList<CheckpointDifferenceRow> m_rows;
    QString m_first;
    QString m_second;
};

} // namespace leyden::ui
