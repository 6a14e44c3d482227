// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// The arguments of torch.optim.lr_scheduler.SequentialLR, with its names.
struct SequentialLROptions
{
    std::vector<ComponentConfig> schedulers = {}; ///< at least one
    std::vector<int64_t> milestones = {}; ///< where the next one starts; one fewer than schedulers
    int64_t last_epoch = -1;
};

/// The arguments of torch.optim.lr_scheduler.ChainedScheduler, with its names.
struct ChainedSchedulerOptions
{
    std::vector<ComponentConfig> schedulers = {}; ///< at least one
};

/// LinearLR for warmup_steps, then CosineAnnealingLR until total_steps.
struct WarmupCosineLROptions
{
    int64_t warmup_steps = 1;   ///< scheduler steps; >= 1
    int64_t total_steps = 2;    ///< more than warmup_steps
    double start_factor = 0.01; ///< share of the rate to begin with; in (0, 1]
    double eta_min = 0.0;
};

LEYDEN_API void describe(OptionTable<SequentialLROptions>& table);
LEYDEN_API void describe(OptionTable<ChainedSchedulerOptions>& table);
LEYDEN_API void describe(OptionTable<WarmupCosineLROptions>& table);

} // namespace leyden
