// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"

namespace leyden {

/// Base of the optimizers that update each parameter by itself and keep named tensors for it.
///
/// State:  what update_param() puts into a parameter's dict, in its order; buffers have the
///         parameter's shape, dtype and device, scalars are [] float32 on the CPU.
/// Throws: MisconfigurationError for complex parameters and sparse gradients.
class LEYDEN_API BufferedOptimizer : public Optimizer
{
protected:
    explicit BufferedOptimizer(std::vector<ParamGroup> groups);

    /// One parameter that has a gradient; `grad` has its sign turned where the group says maximize.
    /// `state` is an empty dict the first time.
    virtual void update_param(
        const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
        = 0;
    /// Whether an entry of the state is a number, not a buffer.
    virtual bool is_scalar(const std::string& key) const { return key == "step"; }

    void update(ParamGroup& group, size_t first_index) override;
    StateTree param_state(size_t index) const override { return states_[index]; }
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

    StateTree& state_of(size_t index) { return states_[index]; }

private:
    std::vector<StateTree> states_; // by index of the parameter
};

/// A new scalar of a state.
at::Tensor scalar_state(double value);

/// The value of a scalar of a state.
double scalar_of(const StateTree& state, std::string_view key);

/// Adds 1 to "step" as a float32 does, and returns it.
double count_step(const StateTree& state);

} // namespace leyden
