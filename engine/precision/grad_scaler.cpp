// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/grad_scaler.h"

#include "engine/core/errors.h"
#include "engine/optim/optimizer.h"

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace leyden {
namespace {

/// Gradients of one device and dtype: what one kernel takes.
using GradientLists = std::vector<std::vector<at::Tensor>>;

GradientLists gradients_of(const Optimizer& optimizer, bool allows_half)
{
    GradientLists lists;
    for (const auto& group : optimizer.param_groups()) {
        for (const auto& param : group.params) {
            auto grad = param.grad();
            if (!grad.defined())
                continue;
            if (!allows_half && grad.scalar_type() == at::kHalf)
                throw MisconfigurationError("precision = 16-mixed: a gradient is float16, so that "
                                            "scaling is of no use; keep "
                                            "the model's parameters in float32");
            if (grad.is_sparse())
                grad = grad._values();
            const auto list = std::find_if(lists.begin(), lists.end(), [&](const auto& known) {
                return known[0].device() == grad.device() && known[0].dtype() == grad.dtype();
            });
            if (list == lists.end())
                lists.push_back({grad});
            else
                list->push_back(grad);
        }
    }
    return lists;
}

[[noreturn]] void refuse(const char* call, const char* why)
{
    throw MisconfigurationError(std::string("GradScaler::") + call + ": " + why);
}

at::Tensor sum_on(const std::vector<at::Tensor>& values, const c10::Device& device)
{
    auto sum = values.front().to(device);
    for (size_t i = 1; i < values.size(); ++i)
        sum = sum.add(values[i].to(device));
    return sum;
}

} // namespace

GradScaler::GradScaler(const GradScalerOptions& options) : options_(options)
{
    if (options.growth_factor <= 1.0)
        throw MisconfigurationError("growth_factor = " + std::to_string(options.growth_factor)
            + ": expected a number above 1");
    if (options.backoff_factor >= 1.0)
        throw MisconfigurationError("backoff_factor = " + std::to_string(options.backoff_factor)
            + ": expected a number below 1");
}

at::Tensor GradScaler::scale(const at::Tensor& loss)
{
    if (!scale_.defined()) {
        scale_
            = at::full({}, options_.init_scale, at::TensorOptions(loss.device()).dtype(at::kFloat));
        growth_tracker_
            = at::full({}, growth_tracker_start_, at::TensorOptions(loss.device()).dtype(at::kInt));
    }
    return loss.mul(scale_.to(loss.device(), /*non_blocking=*/true));
}

void GradScaler::check_scaled(const char* call) const
{
    if (!scale_.defined())
        refuse(call, "no loss was scaled before; call scale() in every step");
}

void GradScaler::unscale_by(
    const Optimizer& optimizer, const at::Tensor& inverse, bool allows_half, OptimizerState& state)
{
    const c10::NoGradGuard no_grad;
    std::vector<std::pair<c10::Device, at::Tensor>> found;
    for (auto& list : gradients_of(optimizer, allows_half)) {
        const auto device = list[0].device();
        auto known = std::find_if(
            found.begin(), found.end(), [&](const auto& entry) { return entry.first == device; });
        if (known == found.end())
            known = found.insert(found.end(),
                {device, at::full({}, 0.0, at::TensorOptions(device).dtype(at::kFloat))});
        at::_amp_foreach_non_finite_check_and_unscale_(
            list, known->second, inverse.to(device, /*non_blocking=*/true));
    }
    state.found_inf.clear();
    for (auto& [device, tensor] : found)
        state.found_inf.push_back(tensor);
}

void GradScaler::unscale_(Optimizer& optimizer)
{
    check_scaled("unscale_");
    auto& state = optimizers_[&optimizer];
    if (state.stage == Stage::Unscaled)
        refuse("unscale_", "was called for this optimizer since the last update(); once is enough");
    if (state.stage == Stage::Stepped)
        refuse("unscale_", "comes after step(); call it before");
    // The reciprocal in float64, as a division by the scale would round.
    unscale_by(optimizer, scale_.to(at::kDouble).reciprocal().to(at::kFloat), /*allows_half=*/false,
        state);
    state.stage = Stage::Unscaled;
}

bool GradScaler::step(Optimizer& optimizer)
{
    check_scaled("step");
    auto& state = optimizers_[&optimizer];
    if (state.stage == Stage::Stepped)
        refuse("step", "was called for this optimizer since the last update()");
    if (optimizer.unscales_itself()) {
        if (state.stage == Stage::Ready) // checks alone: times 1
            unscale_by(optimizer, at::full({}, 1.0, scale_.options()), /*allows_half=*/true, state);
        if (state.found_inf.empty())
            refuse("step", "the optimizer has no gradient; call backward() before");
        optimizer.step_scaled(state.stage == Stage::Unscaled ? at::Tensor() : scale_,
            sum_on(state.found_inf, scale_.device()));
        state.stage = Stage::Stepped;
        return true;
    }
    if (state.stage == Stage::Ready)
        unscale_(optimizer);
    if (state.found_inf.empty())
        refuse("step", "the optimizer has no gradient; call backward() before");
    const bool is_finite = std::all_of(state.found_inf.begin(), state.found_inf.end(),
        [](const at::Tensor& found) { return found.item<float>() == 0; });
    if (is_finite)
        optimizer.step();
    state.stage = Stage::Stepped;
    return is_finite;
}

void GradScaler::update()
{
    check_scaled("update");
    std::vector<at::Tensor> found;
    for (const auto& [optimizer, state] : optimizers_)
        found.insert(found.end(), state.found_inf.begin(), state.found_inf.end());
    if (found.empty())
        refuse("update", "no gradient was checked since the last one; call step() before");
    const c10::NoGradGuard no_grad;
    at::_amp_update_scale_(scale_, growth_tracker_, sum_on(found, scale_.device()),
        options_.growth_factor, options_.backoff_factor, options_.growth_interval);
    optimizers_.clear();
}

double GradScaler::get_scale() const
{
    return scale_.defined() ? double(scale_.item<float>()) : options_.init_scale;
}

StateTree GradScaler::state_dict() const
{
    const auto tracker = growth_tracker_.defined() ? int64_t(growth_tracker_.item<int32_t>())
                                                   : growth_tracker_start_;
    return StateTree::dict({{"scale", get_scale()}, {"growth_factor", options_.growth_factor},
        {"backoff_factor", options_.backoff_factor}, {"growth_interval", options_.growth_interval},
        {"_growth_tracker", tracker}});
}

void GradScaler::load_state_dict(const StateTree& state)
{
    if (state.size() == 0)
        throw CheckpointError(
            "the saved state of the loss scaler is empty; it was saved by a run without one");
    options_ = {.init_scale = state.at("scale").to_double(),
        .growth_factor = state.at("growth_factor").to_double(),
        .backoff_factor = state.at("backoff_factor").to_double(),
        .growth_interval = state.at("growth_interval").to_int()};
    growth_tracker_start_ = state.at("_growth_tracker").to_int();
    if (scale_.defined()) {
        scale_.fill_(options_.init_scale);
        growth_tracker_.fill_(growth_tracker_start_);
    }
}

} // namespace leyden
