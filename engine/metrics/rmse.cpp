// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/rmse.h"

#include "engine/core/errors.h"

#include <ATen/ops/full.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>

namespace leyden {

RMSE::RMSE(double scale) : scale_(scale)
{
    reset();
}

void RMSE::update(const at::Tensor& preds, const at::Tensor& target)
{
    if (preds.sizes() != target.sizes())
        throw MisconfigurationError(c10::str("RMSE: predictions have shape ", preds.sizes(),
            ", targets ", target.sizes(), "; they have to be equal"));
    const c10::NoGradGuard no_grad;
    const auto is_half = at::isReducedFloatingType(preds.scalar_type());
    auto errors = at::sub(is_half ? preds.to(at::kFloat) : preds, target).reshape(-1);
    batch_sum_ = errors.mul_(errors).sum(0);
    batch_total_ = at::full({}, target.numel(), batch_sum_.options().dtype(at::kLong));
    // As torchmetrics adds in place: the float32 state takes the batch as float32.
    batch_sum_ = batch_sum_.to(at::kFloat);
    sum_squared_error_ = sum_squared_error_.to(batch_sum_.device()).add(batch_sum_);
    total_ = total_.to(batch_sum_.device()).add(batch_total_);
}

at::Tensor RMSE::root(const at::Tensor& sum, const at::Tensor& total) const
{
    auto result = sum.div(total.clamp_min(1)).sqrt_();
    if (scale_ != 1.0)
        result.mul_(scale_);
    return result.to(at::kFloat);
}

at::Tensor RMSE::compute() const
{
    return root(sum_squared_error_, total_);
}

at::Tensor RMSE::batch_value() const
{
    return root(batch_sum_, batch_total_);
}

void RMSE::reset()
{
    sum_squared_error_ = at::zeros({}, at::kFloat);
    total_ = at::zeros({}, at::kLong);
    batch_sum_ = sum_squared_error_;
    batch_total_ = total_;
}

StateTree RMSE::state_dict() const
{
    return StateTree::dict({{"sum_squared_error", sum_squared_error_}, {"total", total_}});
}

void RMSE::load_state_dict(const StateTree& state)
{
    const auto sum = state.at("sum_squared_error").tensor();
    const auto total = state.at("total").tensor();
    reset();
    sum_squared_error_ = sum;
    total_ = total;
}

} // namespace leyden
