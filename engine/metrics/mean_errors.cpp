// SPDX-License-Identifier: GPL-3.0-or-later
// MAE, MSE and RMSE: a sum of errors over a number of rows.
#include "engine/core/errors.h"
#include "engine/metrics/classification_input.h"
#include "engine/metrics/mae.h"
#include "engine/metrics/mse.h"
#include "engine/metrics/rmse.h"

#include <ATen/ops/full.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/zeros.h>
#include <c10/util/StringUtil.h>

namespace leyden {
namespace {

at::Tensor no_errors(int64_t num_outputs, const char* metric)
{
    if (num_outputs < 1)
        throw MisconfigurationError(
            c10::str(metric, ": num_outputs = ", num_outputs, ": expected at least 1"));
    return num_outputs == 1 ? at::zeros({}, at::kFloat) : at::zeros({num_outputs}, at::kFloat);
}

/// preds - target as [elements], or [rows, outputs].
at::Tensor errors_of(
    const at::Tensor& preds, const at::Tensor& target, int64_t num_outputs, const char* metric)
{
    classification::check_same_shape(preds, target, metric);
    if (num_outputs == 1)
        return at::sub(preds, target).reshape(-1);
    if (preds.dim() != 2 || preds.size(1) != num_outputs)
        throw MisconfigurationError(c10::str(metric, ": predictions have shape ", preds.sizes(),
            "; expected [N, num_outputs = ", num_outputs, "]"));
    return at::sub(preds, target);
}

/// The sum, and the number of rows.
std::vector<at::Tensor> summed(const at::Tensor& values)
{
    const auto sum = values.sum(0);
    return {sum, at::full({}, values.size(0), sum.options().dtype(at::kLong))};
}

} // namespace

MAE::MAE(int64_t num_outputs)
    : AccumulatedMetric({{"sum_absolute_error", Join::Sum, no_errors(num_outputs, "MAE"), true},
          {"total", Join::Sum, at::zeros({}, at::kLong)}})
    , num_outputs_(num_outputs)
{
}

AccumulatedMetric::State MAE::state_of(const at::Tensor& preds, const at::Tensor& target) const
{
    return summed(errors_of(preds, target, num_outputs_, "MAE").abs());
}

at::Tensor MAE::value_of(const State& state) const
{
    return state[0].div(state[1]);
}

MSE::MSE(int64_t num_outputs)
    : AccumulatedMetric({{"sum_squared_error", Join::Sum, no_errors(num_outputs, "MSE"), true},
          {"total", Join::Sum, at::zeros({}, at::kLong)}})
    , num_outputs_(num_outputs)
{
}

AccumulatedMetric::State MSE::state_of(const at::Tensor& preds, const at::Tensor& target) const
{
    const auto errors = errors_of(preds, target, num_outputs_, "MSE");
    return summed(errors.mul(errors));
}

at::Tensor MSE::value_of(const State& state) const
{
    return state[0].div(state[1]);
}

RMSE::RMSE(double scale)
    : AccumulatedMetric({{"sum_squared_error", Join::Sum, at::zeros({}, at::kFloat), true},
          {"total", Join::Sum, at::zeros({}, at::kLong)}})
    , scale_(scale)
{
}

AccumulatedMetric::State RMSE::state_of(const at::Tensor& preds, const at::Tensor& target) const
{
    const auto errors = errors_of(preds, target, 1, "RMSE");
    return summed(errors.mul(errors));
}

at::Tensor RMSE::value_of(const State& state) const
{
    auto root = state[0].div(state[1].clamp_min(1)).sqrt_();
    if (scale_ != 1.0)
        root = root.mul(scale_);
    return root;
}

} // namespace leyden
