// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "widgets/config/json.h"
#include "widgets/metrics/metric_types.h"
#include "widgets/runs/checkpoint_model.h"

#include <QList>
#include <QString>

namespace leyden::app {

struct WatchedMetric
{
    QString name;
    ui::MetricMode mode = ui::MetricMode::Min;
    bool isOfCheckpoints = false;
};

/// A run of the past as its folder tells of it. Reading is slow for long runs: not for the
/// window's thread.
struct RunHistory
{
    QString folder;
    QList<ui::MetricRow> rows;
    QList<ui::Marker> markers;
    QList<ui::CheckpointEntry> checkpoints;
    QList<WatchedMetric> watched;
    double loggedSteps = 0.0; ///< up to its last row
    QString newestCheckpoint; ///< a file; empty: none
    bool isSteered = false;   ///< something was done to it by hand that a replay does again
    QString monitor;          ///< what the checkpoints' values are of; empty: none
    QByteArray config;        ///< config.json; empty: it could not be read
    QString problem;          ///< one sentence; "" if all went well
};

/// What the callbacks of a config watch, in their order.
QList<WatchedMetric> watchedMetrics(const ui::Json& config);

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

/// The rows of a metrics.csv. It holds no times, and whole epochs only: fractions are by proportion
/// of the steps. An unfinished last line is left out.
QList<ui::MetricRow> parseMetricsCsv(const QByteArray& text);

/// The markers of an events.jsonl.
QList<ui::Marker> parseEventMarkers(const QByteArray& text);
ui::Marker markerOf(const Intervention& intervention);

} // namespace leyden::app
