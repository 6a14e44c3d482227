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

struct NAdamOptions
{
    double lr = 2e-3;                           ///< >= 0
    std::array<double, 2> betas = {0.9, 0.999}; ///< each in [0, 1)
    double eps = 1e-8;                          ///< >= 0
    WrittenNumber weight_decay = 0;             ///< >= 0
    double momentum_decay = 4e-3;               ///< >= 0
    bool decoupled_weight_decay = false;        ///< true: the decay of AdamW
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

struct RAdamOptions
{
    double lr = 1e-3;                           ///< >= 0
    std::array<double, 2> betas = {0.9, 0.999}; ///< each in [0, 1)
    double eps = 1e-8;                          ///< >= 0
    WrittenNumber weight_decay = 0;             ///< >= 0
    bool decoupled_weight_decay = false;        ///< true: the decay of AdamW
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

struct AdamaxOptions
{
    double lr = 2e-3;                           ///< >= 0
    std::array<double, 2> betas = {0.9, 0.999}; ///< each in [0, 1)
    double eps = 1e-8;                          ///< >= 0
    WrittenNumber weight_decay = 0;             ///< >= 0
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<NAdamOptions>& table);
LEYDEN_API void describe(OptionTable<RAdamOptions>& table);
LEYDEN_API void describe(OptionTable<AdamaxOptions>& table);

} // namespace leyden
