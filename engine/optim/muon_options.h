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

/// How Muon's rate follows a matrix's shape.
enum class AdjustLr { Original, MatchRMSAdamW };

/// The arguments of torch.optim.Muon, with its names and defaults.
struct MuonOptions
{
    double lr = 1e-3;                 ///< >= 0
    WrittenNumber weight_decay = 0.1; ///< decoupled; >= 0
    WrittenNumber momentum = 0.95;    ///< >= 0
    bool nesterov = true;
    std::array<double, 3> ns_coefficients = {3.4445, -4.7750, 2.0315};
    double eps = 1e-7;
    int64_t ns_steps = 5;                      ///< in [0, 99]
    std::optional<AdjustLr> adjust_lr_fn = {}; ///< none: as Original
    ParamGroupOverrides param_groups = {};
};

LEYDEN_API void describe(OptionTable<MuonOptions>& table);

} // namespace leyden
