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

/// The arguments of torch.optim.lr_scheduler.CosineAnnealingWarmRestarts, with its names and
/// defaults.
struct CosineAnnealingWarmRestartsOptions
{
    int64_t T_0 = 1;    ///< scheduler steps of the first cycle; >= 1; PyTorch has no default
    int64_t T_mult = 1; ///< each cycle is this much longer than the one before; >= 1
    double eta_min = 0.0;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<CosineAnnealingWarmRestartsOptions>& table);

} // namespace leyden
