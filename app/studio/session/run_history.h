// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "widgets/config/json.h"
#include "widgets/log/log_model.h"
#include "widgets/metrics/metric_types.h"
#include "widgets/metrics/metrics_csv.h"
#include "widgets/runs/checkpoint_model.h"
#include "widgets/runs/run_summary.h"

#include <QList>
#include <QString>

namespace leyden::app {

struct WatchedMetric
{
    QString name;
    ui::MetricMode mode = ui::MetricMode::Min;
    bool isOfCheckpoints = false;
};

/// What a run's EarlyStopping has seen.
struct EarlyStoppingState
{
    bool isUsed = false;
    EarlyStoppingNews news; ///< its monitor is empty before the first check
    QString stopReason;     ///< why it asked for the stop; empty: it did not
};

/// A run as its folder tells of it. Reading is slow for long runs: not for the window's thread.
struct RunHistory
{
    QString folder;
    bool isWhole = true; ///< false: rows and log hold what is new
    bool isNews = true;  ///< false: nothing is
    QList<ui::MetricRow> rows;
    bool hasTimes = false; ///< each row has its time
    QList<ui::LogEntry> log;
    QList<ui::Marker> markers;
    QList<ui::CheckpointEntry> checkpoints;
    QList<WatchedMetric> watched;
    ui::RunSummary summary;
    QString parent;                  ///< the checkpoint that it began from; empty: none
    double loggedSteps = 0.0;        ///< up to its last row
    QString newestCheckpoint;        ///< a file; empty: none
    bool isSteered = false;          ///< something was done to it by hand that a replay does again
    QList<ui::NamedValue> setByHand; ///< options and their last values
    EarlyStoppingState earlyStopping;
    QString monitor;       ///< what the checkpoints' values are of; empty: none
    QByteArray config;     ///< config.json; empty: it could not be read
    QString configProblem; ///< why; one sentence
    QString problem;       ///< one sentence; "" if all went well
};

/// What the callbacks of a config watch, in their order.
QList<WatchedMetric> watchedMetrics(const ui::Json& config);
bool usesEarlyStopping(const ui::Json& config);
/// Samples of a training batch; -1: not known, as with data that has no batch_size, or where
/// BatchSizeFinder looks for one.
qint64 batchSizeOf(const ui::Json& config);

/// Whether a replay does such an event again: all but pauses, and what failed.
bool isReplayed(const QString& event);

/// Marks the best of the entries that have a value, and no other.
void markBest(QList<ui::CheckpointEntry>& entries, ui::MetricMode mode);

RunHistory readRunHistory(const QString& folder);

/// The checkpoints of a run folder with what its run.json tells of them; where it does not know
/// one, epoch and step come from Lightning's names, or are unknown (0). Ticks for those whose step
/// is known.
QList<ui::Marker> checkpointMarkers(const QList<ui::CheckpointEntry>& entries);

QList<ui::CheckpointEntry> readCheckpoints(const QString& folder);
/// As ckpt_path = last finds it; empty: there is none.
QString newestOf(const QList<ui::CheckpointEntry>& entries);

using ui::parseMetricsCsv;

/// An event of an events.jsonl.
struct RunEventLine
{
    QDateTime time;
    QString event;
    ui::NamedValue set; ///< of "set"
    ui::Marker marker;
};
QList<RunEventLine> parseEvents(const QByteArray& text);
/// The markers of an events.jsonl.
QList<ui::Marker> parseEventMarkers(const QByteArray& text);
ui::Marker markerOf(const Intervention& intervention);
/// "step 9,506: lr = 0.01"
QString logTextOf(const ui::Marker& marker);

} // namespace leyden::app
