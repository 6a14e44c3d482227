// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/config/written_number.h"
#include "engine/core/export.h"
#include "engine/optim/param_group_overrides.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

// The arguments of optimizers of torch.optim, with its names and defaults.

struct ASGDOptions
{
    double lr = 1e-2; ///< >= 0
    double lambd = 1e-4;
    double alpha = 0.75;
    double t0 = 1e6;
    WrittenNumber weight_decay = 0; ///< >= 0
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

struct RpropOptions
{
    double lr = 1e-2;                                     ///< first step size; >= 0
    std::array<double, 2> etas = {0.5, 1.2};              ///< one in (0, 1), one above 1
    std::array<WrittenNumber, 2> step_sizes = {1e-6, 50}; ///< smallest and largest
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<ASGDOptions>& table);
LEYDEN_API void describe(OptionTable<RpropOptions>& table);

} // namespace leyden
