// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <cstdint>

namespace leyden {

/// How far the items of a loop are: made ready, begun, worked on, finished.
struct ProgressCounts
{
    int64_t ready = 0;
    int64_t started = 0;
    int64_t processed = 0;
    int64_t completed = 0;
};

/// Which of the four counts a record has in Lightning's file.
enum class ProgressKind { Full, NoProcessed, ReadyCompleted };

/// Counts since the beginning (total) and of the running epoch or run (current).
/// Source: PyTorch Lightning 2.6, loops/progress.py.
struct LEYDEN_API Progress
{
    ProgressCounts total;
    ProgressCounts current;

    void increment_ready() { ++total.ready, ++current.ready; }
    void increment_started() { ++total.started, ++current.started; }
    void increment_processed() { ++total.processed, ++current.processed; }
    void increment_completed() { ++total.completed, ++current.completed; }
    void reset_on_run() { current = {}; }
    void reset_to_completed(); ///< what was begun and not completed is to be done once more

    StateTree state_dict(ProgressKind kind = ProgressKind::Full) const;
    void load_state_dict(const StateTree& state);
};

} // namespace leyden
