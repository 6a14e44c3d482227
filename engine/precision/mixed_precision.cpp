// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/mixed_precision.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"

namespace leyden {

MixedPrecision::MixedPrecision(c10::DeviceType device)
{
    forward_ = {.default_dtype = {}, .autocast = at::kBFloat16, .device = device};
}

MixedPrecision::MixedPrecision(c10::DeviceType device, const GradScalerOptions& scaler)
    : scaler_(std::in_place, scaler)
{
    forward_ = {.default_dtype = {}, .autocast = at::kHalf, .device = device};
}

at::Tensor MixedPrecision::pre_backward(const at::Tensor& loss)
{
    return scaler_ ? scaler_->scale(loss) : loss;
}

at::Tensor MixedPrecision::optimizer_step(Optimizer& optimizer, const LightningModule& module,
    const Closure& closure, const std::function<void()>& after_closure)
{
    if (!scaler_)
        return Precision::optimizer_step(optimizer, module, closure, after_closure);
    if (optimizer.name() == "LBFGS")
        throw MisconfigurationError(
            "precision = 16-mixed: LBFGS evaluates a batch several times, which a loss "
            "scaler cannot follow; use bf16-mixed, or another optimizer");
    auto loss = closure();
    // A batch without a loss has no gradients to unscale; manual optimization returns none at all.
    const bool is_skipped = !loss.defined() && module.automatic_optimization;
    if (!is_skipped && !optimizer.unscales_itself())
        scaler_->unscale_(optimizer);
    after_closure();
    if (!is_skipped) {
        scaler_->step(optimizer);
        scaler_->update();
    }
    return loss;
}

void MixedPrecision::check_clipping(const Optimizer& optimizer) const
{
    if (optimizer.unscales_itself())
        throw MisconfigurationError("gradient_clip_val: " + optimizer.name()
            + " with fused = true divides the gradients by the loss scale inside its step, too "
              "late for clipping; "
              "leave out fused, or clipping");
}

StateTree MixedPrecision::state_dict() const
{
    return scaler_ ? scaler_->state_dict() : StateTree::dict();
}

void MixedPrecision::load_state_dict(const StateTree& state)
{
    if (scaler_)
        scaler_->load_state_dict(state);
}

} // namespace leyden
