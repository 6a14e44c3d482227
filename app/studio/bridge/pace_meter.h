// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"

#include <deque>

namespace leyden::app {

/// Speed and time left of a run over one and the same window: the last seconds of its active time,
/// validations included and pauses left out. So the two agree, and neither jumps.
class PaceMeter final
{
public:
    static constexpr double windowSeconds = 15.0;

    void clear() { *this = {}; }
    /// Takes what the run tells, and puts speed and time left into it.
    void add(RunProgress& progress);

private:
    struct Sample
    {
        double seconds = 0.0; ///< active ones
        double batches = 0.0;
        double steps = 0.0;
    };
    std::deque<Sample> m_samples;
};

} // namespace leyden::app
