// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/config/written_number.h"
#include "engine/core/export.h"
#include "engine/optim/param_group_overrides.h"

#include <array>
#include <optional>

namespace leyden {

/// The arguments of torch.optim.Adam, with its names and defaults.
struct AdamOptions
{
    double lr = 1e-3;                           ///< >= 0
    std::array<double, 2> betas = {0.9, 0.999}; ///< each in [0, 1)
    double eps = 1e-8;                          ///< >= 0
    WrittenNumber weight_decay = 0;             ///< >= 0
    bool amsgrad = false;
    std::optional<bool> foreach = {};
    bool maximize = false;
    bool capturable = false;
    bool differentiable = false;
    std::optional<bool> fused = {};
    bool decoupled_weight_decay = false; ///< true: the decay of AdamW
    ParamGroupOverrides param_groups = {};
};

/// The arguments of torch.optim.AdamW, with its names and defaults.
struct AdamWOptions
{
    double lr = 1e-3;                           ///< >= 0
    std::array<double, 2> betas = {0.9, 0.999}; ///< each in [0, 1)
    double eps = 1e-8;                          ///< >= 0
    WrittenNumber weight_decay = 1e-2;          ///< decoupled; >= 0
    bool amsgrad = false;
    bool maximize = false;
    std::optional<bool> foreach = {};
    bool capturable = false;
    bool differentiable = false;
    std::optional<bool> fused = {};
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<AdamOptions>& table);
LEYDEN_API void describe(OptionTable<AdamWOptions>& table);

} // namespace leyden
