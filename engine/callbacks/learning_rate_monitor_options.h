// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <optional>

namespace leyden {

enum class LoggingInterval { Step, Epoch };

/// Source: PyTorch Lightning 2.6, callbacks/lr_monitor.py.
struct LearningRateMonitorOptions
{
    std::optional<LoggingInterval>
        logging_interval{}; ///< unset: each scheduler at its own interval
    bool log_momentum = false;
    bool log_weight_decay = false;
};

void describe(OptionTable<LearningRateMonitorOptions>& table);

} // namespace leyden
