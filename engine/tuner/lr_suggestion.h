// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/tuner/learning_rate_finder_options.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace leyden {

/// What a search for a learning rate measured: the smoothed loss at each rate; NaN where a step
/// gave none.
struct LRCurve
{
    std::vector<double> lr;
    std::vector<double> loss;
};

/// The index of the suggested point, without the first `skip_begin` and the last `skip_end` points
/// and those whose loss is not finite; unset where fewer than two are left. Of Minimum the lowest
/// point, whose rate is to be divided. Lightning's own is computed in float32 as there, so that it
/// is the same point.
LEYDEN_API std::optional<size_t> suggested_point(const LRCurve& curve,
    SuggestionMethod method = SuggestionMethod::Lightning, int64_t skip_begin = 10,
    int64_t skip_end = 1);

/// The rate to use. Source of Lightning's: PyTorch Lightning 2.6, tuner/lr_finder.py.
LEYDEN_API std::optional<double> suggested_lr(const LRCurve& curve,
    SuggestionMethod method = SuggestionMethod::Lightning, int64_t skip_begin = 10,
    int64_t skip_end = 1);

} // namespace leyden
