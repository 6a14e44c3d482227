// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/config/written_number.h"
#include "engine/core/export.h"
#include "engine/optim/param_group_overrides.h"

#include <optional>

namespace leyden {

/// The arguments of torch.optim.SGD, with its names and defaults.
struct SGDOptions
{
    double lr = 1e-3;           ///< >= 0
    WrittenNumber momentum = 0; ///< >= 0
    WrittenNumber dampening = 0;
    WrittenNumber weight_decay = 0; ///< L2 penalty; >= 0
    bool nesterov = false;          ///< needs momentum above 0 and no dampening
    bool maximize = false;
    std::optional<bool> foreach = {};
    bool differentiable = false;
    std::optional<bool> fused = {};
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<SGDOptions>& table);

} // namespace leyden
