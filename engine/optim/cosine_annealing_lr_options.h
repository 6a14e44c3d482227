// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>

namespace leyden {

/// The arguments of torch.optim.lr_scheduler.CosineAnnealingLR, with its names and defaults.
struct CosineAnnealingLROptions
{
    int64_t T_max = 1; ///< scheduler steps down to eta_min; >= 1; PyTorch has no default
    double eta_min = 0.0;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<CosineAnnealingLROptions>& table);

} // namespace leyden
