// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/run_summary.h"

#include <QAbstractTableModel>
#include <QIcon>

#include <array>

namespace leyden::ui {
/// The runs of a folder. setRuns() takes all of them again and tells the views only what is new.
class RunsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, State, Best, Step, Epoch, Started, Duration, ColumnCount };
    enum Role { SortRole = Qt::UserRole, FolderRole, MetricRole }; ///< raw value; the run's folder;
                                                                   ///< what Best is of

    explicit RunsModel(QObject* parent = nullptr);

    void setRuns(const QList<RunSummary>& runs);
    void updateRun(const RunSummary& run); ///< one of those that are there
    const RunSummary& run(int row) const { return m_runs.at(row); }
    int rowOf(const QString& folder) const;   ///< -1 if it is not there
    void setPalette(const QPalette& palette); ///< of the state icons

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QVariant rawValue(const RunSummary& run, int column) const;
    QString text(const RunSummary& run, int column) const;
    static bool isNumeric(int column);
    QString toolTip(const RunSummary& run) const;

    QList<RunSummary> m_runs;
    std::array<QIcon, size_t(RunState::Unknown) + 1> m_icons;
};
} // namespace leyden::ui
