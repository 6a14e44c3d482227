// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "app/studio/session/checkpoint_list.h"
#include "app/studio/session/run_history.h"
#include "widgets/config/config_diff.h"
#include "widgets/config/json.h"
#include "widgets/runs/run_summary.h"

#include <QList>
#include <QString>

#include <vector>

namespace leyden::app {

/// A config as the inspector shows it.
struct ShownConfig
{
    QString name;
    QString from; ///< what `changes` are counted from; empty: there is nothing to compare
    std::vector<ui::ConfigChange> changes;
    ui::Json config;
    QString problem; ///< why there is none
    QString command;
    QString note; ///< on the command
};

/// All that the panels beside the curves show of a run: plain values.
struct RunRecord
{
    QString folder; ///< empty before it is known; with an empty name: there is no run
    QString name;
    ui::RunSummary summary;
    RunProgress progress;
    ui::Json config;       ///< as it was resolved; null where it cannot be read
    QString configProblem; ///< why
    QList<WatchedMetric> watched;
    /// Of a run that was started here: the config on the desk at its start; its command, where that
    /// is one of a preset or a file.
    ShownConfig desk;
    QString parent; ///< the checkpoint that it began from; empty: none
    bool isSteered = false;
    QList<ui::NamedValue> setByHand; ///< options and their last values
    EarlyStoppingState earlyStopping;
    CheckpointList checkpoints;
    QString savingProblem; ///< why what it writes does not reach the disk; empty: it does

    bool isThere() const { return !name.isEmpty(); }
};

} // namespace leyden::app
