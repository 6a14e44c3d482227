// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

enum class MonitorMode { Min, Max };

/// Source: PyTorch Lightning 2.6, callbacks/early_stopping.py.
struct EarlyStoppingOptions
{
    std::string monitor{};  ///< key as logged, e.g. "val_loss"; not empty
    double min_delta = 0.0; ///< in the metric's own unit; >= 0
    int64_t patience = 3;   ///< checks without improvement, not epochs; >= 0
    bool verbose = false;
    MonitorMode mode = MonitorMode::Min;
    bool strict = true;       ///< fail where the metric is not logged
    bool check_finite = true; ///< stop on NaN or infinity
    std::optional<double> stopping_threshold{};
    std::optional<double> divergence_threshold{};
    std::optional<bool> check_on_train_epoch_end{}; ///< unset: when validation runs once an epoch
    bool log_rank_zero_only = false;
};

void describe(OptionTable<EarlyStoppingOptions>& table);

} // namespace leyden
