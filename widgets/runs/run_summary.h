// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QDateTime>

namespace leyden::ui {
enum class RunState { Running, Paused, Finished, Stopped, Failed, Crashed, Unknown };

/// A run as its folder tells of it: one line of the runs dock.
struct RunSummary
{
    QString name;   ///< "<name>/version_<N>"
    QString folder; ///< absolute; what tells runs apart
    RunState state = RunState::Unknown;
    QString bestName; ///< metric of `bestValue`
    double bestValue = notANumber;
    double lastStep = 0.0;
    double epoch = 0.0;
    /// Of a crashed run: where its newest checkpoint was taken; -1: it has none; NaN: not known.
    double checkpointStep = -1.0;
    QDateTime started;
    QDateTime ended; ///< invalid while it runs
    QString device;

    bool operator==(const RunSummary& other) const
    {
        const auto same = [](double a, double b) { return a == b || (a != a && b != b); };
        const auto sameValue
            = same(bestValue, other.bestValue) && same(checkpointStep, other.checkpointStep);
        return sameValue && name == other.name && folder == other.folder && state == other.state
            && bestName == other.bestName && lastStep == other.lastStep && epoch == other.epoch
            && started == other.started && ended == other.ended && device == other.device;
    }
};
} // namespace leyden::ui
