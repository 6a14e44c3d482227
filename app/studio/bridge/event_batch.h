// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "engine/trainer/run_observer.h"
#include "widgets/log/log_model.h"

#include <QStringList>

#include <optional>
#include <vector>

namespace leyden::app {

/// What one drain brought, in the values that widgets show. Each list is in the order told.
struct EventBatch
{
    QList<ui::MetricRow> rows;
    QList<ui::LogEntry> log;
    QList<CheckpointNews> checkpoints;
    QList<Intervention> interventions;
    QList<NonFiniteNews> nonFinite;
    QList<SavingNews> saving;
    qint64 firstRow = -1; ///< number of the first of `rows` in the run's metrics.csv; -1: none
    QStringList folders;
    QString summary;
    std::optional<RunProgress> progress;
    std::optional<EarlyStoppingNews> earlyStopping;
    QString stopReason; ///< why EarlyStopping asked for the stop at its last check; "": it did not
};

EventBatch toBatch(const std::vector<RunEvent>& events);

} // namespace leyden::app
