// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"
#include "engine/optim/anneal_strategy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// The arguments of torch.optim.lr_scheduler.OneCycleLR, with its names and defaults.
struct OneCycleLROptions
{
    std::variant<double, std::vector<double>> max_lr
        = 0.0;                               ///< one, or one a group; no default in PyTorch
    std::optional<int64_t> total_steps = {}; ///< >= 1; none: epochs * steps_per_epoch
    std::optional<int64_t> epochs = {};
    std::optional<int64_t> steps_per_epoch = {};
    double pct_start = 0.3; ///< share of the steps that rise; in [0, 1]
    AnnealStrategy anneal_strategy = AnnealStrategy::Cos;
    bool cycle_momentum = true;
    std::variant<double, std::vector<double>> base_momentum = 0.85;
    std::variant<double, std::vector<double>> max_momentum = 0.95;
    double div_factor = 25.0;      ///< max_lr / first rate; > 0
    double final_div_factor = 1e4; ///< first / last rate; > 0
    bool three_phase = false;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<OneCycleLROptions>& table);

} // namespace leyden
