// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/r2_score.h"

#include "engine/core/errors.h"
#include "engine/metrics/classification_input.h"

#include <ATen/ops/full.h>
#include <ATen/ops/isclose.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/StringUtil.h>

#include <tuple>

namespace leyden {
namespace {

at::Tensor is_not_nothing(const at::Tensor& sum)
{
    return at::isclose(sum, at::zeros_like(sum), 1e-5, 1e-4).logical_not();
}

} // namespace

R2Score::R2Score(R2Options options)
    : AccumulatedMetric({{"sum_squared_error", Join::Sum, at::zeros({}, at::kFloat)},
          {"sum_error", Join::Sum, at::zeros({}, at::kFloat)},
          {"residual", Join::Sum, at::zeros({}, at::kFloat)},
          {"total", Join::Sum, at::zeros({}, at::kLong)}})
    , options_(options)
{
    if (options.adjusted < 0)
        throw MisconfigurationError(c10::str("R2Score: adjusted = ", options.adjusted,
            ": expected a number of regressors, 0 or more"));
}

AccumulatedMetric::State R2Score::state_of(const at::Tensor& preds, const at::Tensor& target) const
{
    classification::check_same_shape(preds, target, "R2Score");
    if (preds.dim() < 1 || preds.dim() > 2)
        throw MisconfigurationError(c10::str(
            "R2Score: predictions have shape ", preds.sizes(), "; expected [N] or [N, outputs]"));
    const auto residual = target.sub(preds);
    return {target.mul(target).sum(0), target.sum(0), residual.mul(residual).sum(0),
        at::full({}, target.size(0), target.options().dtype(at::kLong))};
}

at::Tensor R2Score::value_of(const State& state) const
{
    const auto& [squares, sum, residual, total] = std::tie(state[0], state[1], state[2], state[3]);
    const auto rows = total.item<int64_t>();
    if (rows < 2)
        throw MisconfigurationError(c10::str("R2Score: ", rows,
            " rows: at least two are needed; use larger batches or log it on_epoch alone"));
    const auto variance = squares.sub(sum.mul(sum.div(total)));
    const auto has_residual = is_not_nothing(residual);
    const auto has_variance = is_not_nothing(variance);
    // Nothing left over is a perfect score; something left over of nothing is none.
    auto score = at::where(
        has_residual.logical_and(has_variance), at::rsub(residual.div(variance), 1), 1.0);
    score = at::where(has_residual.logical_and(has_variance.logical_not()), 0.0, score);
    if (options_.multioutput == MultiOutput::UniformAverage)
        score = score.mean();
    else if (options_.multioutput == MultiOutput::VarianceWeighted)
        score = variance.div(variance.sum()).mul(score).sum();
    if (options_.adjusted == 0 || options_.adjusted >= rows - 1)
        return score;
    return at::rsub(
        at::rsub(score, 1).mul(total.sub(1)).div(total.sub(options_.adjusted).sub(1)), 1);
}

} // namespace leyden
