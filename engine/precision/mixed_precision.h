// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/precision/grad_scaler.h"
#include "engine/precision/precision.h"

#include <optional>

namespace leyden {

/// 16-mixed, bf16-mixed: autocast around every step; parameters and inputs stay float32. 16-mixed
/// scales the loss, so that small gradients do not vanish in float16; a step whose gradients
/// overflow is left out, but counts as one.
///
/// State:  the scaler's, under "MixedPrecision", with 16-mixed alone.
/// Throws: MisconfigurationError for LBFGS with a scaler, and for clipping where a fused optimizer
///         unscales inside.
/// Source: PyTorch Lightning 2.6, plugins/precision/amp.py.
class LEYDEN_API MixedPrecision final : public Precision
{
public:
    explicit MixedPrecision(c10::DeviceType device);                         ///< bf16-mixed
    MixedPrecision(c10::DeviceType device, const GradScalerOptions& scaler); ///< 16-mixed

    std::string name() const override { return scaler_ ? "16-mixed" : "bf16-mixed"; }
    const char* class_name() const override { return "MixedPrecision"; }
    at::Tensor pre_backward(const at::Tensor& loss) override;
    at::Tensor optimizer_step(Optimizer& optimizer, const LightningModule& module,
        const Closure& closure, const std::function<void()>& after_closure) override;
    void check_clipping(const Optimizer& optimizer) const override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

    GradScaler* scaler() { return scaler_ ? &*scaler_ : nullptr; }

private:
    std::optional<GradScaler> scaler_;
};

} // namespace leyden
