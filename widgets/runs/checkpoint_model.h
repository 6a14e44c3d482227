// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QAbstractTableModel>

namespace leyden::ui {
struct CheckpointEntry
{
    QString name; ///< file name
    QString path; ///< absolute; what tells checkpoints apart
    double epoch = 0.0;
    double step = 0.0;
    double value = notANumber; ///< of the monitored metric
    qint64 bytes = -1;         ///< -1: unknown
    bool isBest = false;
    bool isLast = false;
};

/// last.ckpt, or last-v1.ckpt beside one of another run.
inline bool isNameOfLast(const QString& fileName)
{
    return fileName == QLatin1String("last.ckpt") || fileName.startsWith(QLatin1String("last-v"));
}

/// The checkpoints of a run.
class CheckpointModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Epoch, Step, Value, Size, ColumnCount };
    enum Role { SortRole = Qt::UserRole, PathRole }; ///< the raw value; the file

    using QAbstractTableModel::QAbstractTableModel;

    void setCheckpoints(const QList<CheckpointEntry>& checkpoints);
    void setMonitor(const QString& name); ///< heading of the value
    const CheckpointEntry& checkpoint(int row) const { return m_checkpoints.at(row); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QVariant rawValue(const CheckpointEntry& checkpoint, int column) const;
    QString text(const CheckpointEntry& checkpoint, int column) const;
    QString longText(const CheckpointEntry& checkpoint) const;

    QList<CheckpointEntry> m_checkpoints;
    QString m_monitor;
};
} // namespace leyden::ui
