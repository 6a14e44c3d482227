// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/tensor_number.h"

#include <cstdint>
#include <functional>

namespace leyden {

/// A point on the line: the step size and what was found there.
struct LinePoint
{
    TensorNumber step;
    double loss = 0;
    at::Tensor gradient; ///< [N]
    TensorNumber slope;  ///< along the direction
};

/// What the objective gives for a step size: the loss and the flat gradient.
using LineObjective = std::function<std::pair<double, at::Tensor>(const TensorNumber& step)>;

struct LineSearchResult
{
    double loss = 0;
    at::Tensor gradient;
    TensorNumber step;
    int64_t evaluations = 0;
};

/// Looks along a direction for a step that meets the strong Wolfe conditions, by cubic
/// interpolation. `start` is the point of step 0, `step` the first to try. Source: PyTorch 2.13,
/// torch/optim/lbfgs.py.
LineSearchResult strong_wolfe(const LineObjective& objective, const LinePoint& start,
    TensorNumber step, const at::Tensor& direction, double tolerance_change,
    int64_t max_evaluations);

} // namespace leyden
