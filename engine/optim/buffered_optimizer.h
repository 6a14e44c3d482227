// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"

#include <c10/core/Scalar.h>

#include <functional>
#include <string_view>
#include <vector>

namespace leyden {

/// Parameters of one device and dtype that are updated together.
struct ForeachList
{
    std::vector<at::Tensor> params;
    std::vector<at::Tensor> grads; ///< with their sign turned where the group says maximize
    std::vector<StateTree*> states;

    std::vector<at::Tensor> tensors(std::string_view key) const; ///< of the states
    /// f(step), each state's "step" after counting it.
    std::vector<at::Scalar> by_step(const std::function<double(double step)>& f) const;
    void add_to_grads(double weight_decay); ///< of the parameters; nothing for 0
};

/// Base of the optimizers that update each parameter by itself and keep named tensors for it.
///
/// State:  what update_param() puts into a parameter's dict, in its order; buffers have the
///         parameter's shape, dtype and device, scalars are [] float32 on the CPU.
/// Throws: MisconfigurationError for complex parameters and sparse gradients.
class LEYDEN_API BufferedOptimizer : public Optimizer
{
protected:
    explicit BufferedOptimizer(std::vector<ParamGroup> groups);

    /// Fills the empty state of a parameter.
    virtual void begin(
        const ParamGroup& group, const at::Tensor& param, const at::Tensor& grad, StateTree& state)
        = 0;
    /// One parameter that has a gradient; `grad` has its sign turned where the group says maximize.
    virtual void update_param(
        const ParamGroup& group, const at::Tensor& param, at::Tensor grad, StateTree& state)
        = 0;
    /// The same for many at once, by foreach operations: PyTorch's foreach=True, which may round
    /// otherwise.
    virtual void update_list(const ParamGroup& group, ForeachList& list) = 0;
    /// Whether an entry of the state is a number, not a buffer.
    virtual bool is_scalar(const std::string& key) const { return key == "step"; }

    void update(ParamGroup& group, size_t first_index) override;
    void resize_states(size_t count) override { states_.resize(count, StateTree::dict()); }
    StateTree param_state(size_t index) const override { return states_[index]; }
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

    StateTree& state_of(size_t index) { return states_[index]; }

private:
    void update_by_lists(const ParamGroup& group, size_t first_index);

    std::vector<StateTree> states_; // by index of the parameter
};

/// A new scalar of a state.
at::Tensor scalar_state(double value);

/// The value of a scalar of a state.
double scalar_of(const StateTree& state, std::string_view key);

/// Adds 1 to "step" as a float32 does, and returns it.
double count_step(const StateTree& state);

} // namespace leyden
