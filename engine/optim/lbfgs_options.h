// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>

namespace leyden {

enum class LineSearch { StrongWolfe };

/// The arguments of torch.optim.LBFGS, with its names and defaults.
struct LBFGSOptions
{
    double lr = 1.0;                      ///< >= 0
    int64_t max_iter = 20;                ///< iterations of a step; >= 1
    std::optional<int64_t> max_eval = {}; ///< evaluations of a step; none: max_iter * 5 / 4
    double tolerance_grad = 1e-7;
    double tolerance_change = 1e-9;
    int64_t history_size = 100; ///< >= 1
    std::optional<LineSearch> line_search_fn = {};
};

LEYDEN_API void describe(OptionTable<LBFGSOptions>& table);

} // namespace leyden
