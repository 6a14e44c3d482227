// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <vector>

namespace leyden {

// The arguments of schedulers of torch.optim.lr_scheduler, with its names and defaults.

struct MultiStepLROptions
{
    std::vector<int64_t> milestones = {}; ///< scheduler steps; a number given twice decays twice
    double gamma = 0.1;
    int64_t last_epoch = -1;
};

struct ConstantLROptions
{
    double factor = 1.0 / 3; ///< in [0, 1]
    int64_t total_iters = 5;
    int64_t last_epoch = -1;
};

struct LinearLROptions
{
    double start_factor = 1.0 / 3; ///< in (0, 1]
    double end_factor = 1.0;       ///< in [0, 1]
    int64_t total_iters = 5;
    int64_t last_epoch = -1;
};

struct ExponentialLROptions
{
    double gamma = 1.0; ///< PyTorch has no default
    int64_t last_epoch = -1;
};

struct PolynomialLROptions
{
    int64_t total_iters = 5;
    double power = 1.0;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<MultiStepLROptions>& table);
LEYDEN_API void describe(OptionTable<ConstantLROptions>& table);
LEYDEN_API void describe(OptionTable<LinearLROptions>& table);
LEYDEN_API void describe(OptionTable<ExponentialLROptions>& table);
LEYDEN_API void describe(OptionTable<PolynomialLROptions>& table);

} // namespace leyden
