// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/accuracy.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

namespace leyden {

namespace {

/// correct / total in float32; 0 while nothing was seen.
at::Tensor share(const at::Tensor& correct, const at::Tensor& total)
{
    return correct.to(at::kFloat).div_(total.clamp_min(1).to(at::kFloat));
}

} // namespace

Accuracy::Accuracy()
{
    reset();
}

void Accuracy::update(const at::Tensor& preds, const at::Tensor& target)
{
    const c10::NoGradGuard no_grad;
    const auto classes = preds.dim() > target.dim() ? at::argmax(preds, 1) : preds;
    batch_correct_ = at::eq(classes, target).sum();
    batch_total_ = at::full({}, target.numel(), batch_correct_.options());
    correct_ = correct_.to(batch_correct_.device()).add(batch_correct_);
    total_ = total_.to(batch_correct_.device()).add(batch_total_);
}

at::Tensor Accuracy::compute() const
{
    return share(correct_, total_);
}

at::Tensor Accuracy::batch_value() const
{
    return share(batch_correct_, batch_total_);
}

void Accuracy::reset()
{
    correct_ = at::zeros({}, at::kLong);
    total_ = at::zeros({}, at::kLong);
    batch_correct_ = correct_;
    batch_total_ = total_;
}

StateTree Accuracy::state_dict() const
{
    return StateTree::dict({{"correct", correct_}, {"total", total_}});
}

void Accuracy::load_state_dict(const StateTree& state)
{
    const auto correct = state.at("correct").tensor();
    const auto total = state.at("total").tensor();
    reset();
    correct_ = correct;
    total_ = total;
}

} // namespace leyden
