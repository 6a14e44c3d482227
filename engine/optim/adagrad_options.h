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

struct AdagradOptions
{
    double lr = 1e-2;                            ///< >= 0
    WrittenNumber lr_decay = 0;                  ///< >= 0
    WrittenNumber weight_decay = 0;              ///< >= 0
    WrittenNumber initial_accumulator_value = 0; ///< >= 0
    double eps = 1e-10;                          ///< >= 0
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool differentiable = false;
    std::optional<bool> fused = {};
    ParamGroupOverrides param_groups = {};
};

struct AdadeltaOptions
{
    double lr = 1.0;                ///< >= 0
    double rho = 0.9;               ///< in [0, 1]
    double eps = 1e-6;              ///< >= 0
    WrittenNumber weight_decay = 0; ///< >= 0
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

struct RMSpropOptions
{
    double lr = 1e-2;               ///< >= 0
    double alpha = 0.99;            ///< >= 0
    double eps = 1e-8;              ///< >= 0
    WrittenNumber weight_decay = 0; ///< >= 0
    WrittenNumber momentum = 0;     ///< >= 0
    bool centered = false;
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<AdagradOptions>& table);
LEYDEN_API void describe(OptionTable<AdadeltaOptions>& table);
LEYDEN_API void describe(OptionTable<RMSpropOptions>& table);

} // namespace leyden
