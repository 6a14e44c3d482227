// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/config/trainer_options.h"

#include <optional>

namespace leyden {

enum class TimerInterval { Step, Epoch };

/// Source: PyTorch Lightning 2.6, callbacks/timer.py.
struct TimerOptions
{
    std::optional<TimeText> duration{}; ///< unset: time is measured, and nothing ends
    TimerInterval interval = TimerInterval::Step;
    bool verbose = true;
};

void describe(OptionTable<TimerOptions>& table);

} // namespace leyden
