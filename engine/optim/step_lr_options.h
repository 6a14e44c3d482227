// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>

namespace leyden {

/// The arguments of torch.optim.lr_scheduler.StepLR, with its names and defaults.
struct StepLROptions
{
    int64_t step_size = 1; ///< scheduler steps between two decays; >= 1; PyTorch has no default
    double gamma = 0.1;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<StepLROptions>& table);

} // namespace leyden
