// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/precision/grad_scaler_options.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

namespace leyden {

class Optimizer;

/// Scales the loss, so that gradients do not vanish in float16: a scale that grows while nothing
/// overflows and falls back where something does. Order in a step: scale, backward, [unscale_],
/// step, update.
///
/// Scale:  [] float32 and its count of good steps [] int32, on the device of the first loss that
///         was scaled.
/// Waits:  step() reads whether a gradient is infinite or not-a-number; nothing else waits for the
///         device.
/// State:  the five entries of PyTorch's.
/// Throws: MisconfigurationError for factors that cannot work, calls out of order, and float16
///         gradients (parameters have to be float32).
/// Source: PyTorch 2.13, torch/amp/grad_scaler.py, bit for bit on the CPU.
class LEYDEN_API GradScaler
{
public:
    explicit GradScaler(const GradScalerOptions& options = {});

    at::Tensor scale(const at::Tensor& loss);
    /// Divides the optimizer's gradients by the scale, before clipping. Once between two updates.
    void unscale_(Optimizer& optimizer);
    /// Unscales where that was not done, and steps unless a gradient is not finite; says whether it
    /// stepped. An optimizer that unscales itself decides on the device: true, then, says nothing.
    bool step(Optimizer& optimizer);
    /// Falls back after a step with an overflow, grows after enough without one.
    void update();

    double get_scale() const;
    StateTree state_dict() const;
    void load_state_dict(const StateTree& state);

private:
    enum class Stage { Ready, Unscaled, Stepped };
    struct OptimizerState
    {
        Stage stage = Stage::Ready;
        std::vector<at::Tensor> found_inf; ///< [] float32, 1 where something is not finite; one a
                                           ///< device
    };

    void check_scaled(const char* call) const;
    void unscale_by(const Optimizer& optimizer, const at::Tensor& inverse, bool allows_half,
        OptimizerState& state);

    GradScalerOptions options_;
    int64_t growth_tracker_start_ = 0;
    at::Tensor scale_; ///< undefined before the first loss
    at::Tensor growth_tracker_;
    std::map<const Optimizer*, OptimizerState> optimizers_; ///< since the last update
};

} // namespace leyden
