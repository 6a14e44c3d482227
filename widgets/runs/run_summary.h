// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/metrics/metric_types.h"

#include <QDateTime>

#include <optional>

namespace leyden::ui {
/// What run.json says of its state, how the training went and whether the model was saved, as one.
enum class RunState {
    Running,
    Paused,
    Finished,
    StoppedEarly,
    NotSaved, ///< finished, and its last checkpoint could not be written
    Diverged,
    Stopped,
    Failed,
    Crashed,
    Unreadable, ///< a run folder whose run.json is missing or broken
    Unknown
};

/// Of the texts of run.json; `isSaved`: checkpoint_saved, where it is told.
RunState runStateOf(const QString& state, const QString& outcome, std::optional<bool> isSaved);

inline bool isGoing(RunState state)
{
    return state == RunState::Running || state == RunState::Paused;
}

/// It trained until its own end, rather than to a stop, a failure or a crash.
inline bool isWhole(RunState state)
{
    return state == RunState::Finished || state == RunState::StoppedEarly
        || state == RunState::NotSaved; // one that diverged may have been stopped by hand
}

/// A run as its folder tells of it: one line of the runs dock.
struct RunSummary
{
    QString name;   ///< "<name>/version_<N>"
    QString folder; ///< absolute; what tells runs apart
    RunState state = RunState::Unknown;
    QString bestName; ///< the monitored metric; empty: none is, or it was not logged
    double bestValue = notANumber;
    double lastStep = 0.0;
    double epoch = 0.0;
    /// Of a crashed run: where its newest checkpoint was taken; -1: it has none; NaN: not known.
    double checkpointStep = -1.0;
    QDateTime started;
    QDateTime ended; ///< invalid while it runs
    QString device;
    QString problem; ///< why it is unreadable; of a failed run: what went wrong

    bool operator==(const RunSummary& other) const
    {
        const auto same = [](double a, double b) { return a == b || (a != a && b != b); };
        const auto sameValue
            = same(bestValue, other.bestValue) && same(checkpointStep, other.checkpointStep);
        return sameValue && name == other.name && folder == other.folder && state == other.state
            && bestName == other.bestName && lastStep == other.lastStep && epoch == other.epoch
            && started == other.started && ended == other.ended && device == other.device
            && problem == other.problem;
    }
};
} // namespace leyden::ui
