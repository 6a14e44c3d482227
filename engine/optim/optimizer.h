// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// Forward, zero_grad, backward; returns the loss (undefined where the step gave none).
using Closure = std::function<at::Tensor()>;

/// Parameters that share hyper-parameters.
struct ParamGroup
{
    std::vector<at::Tensor> params{};
    double lr = 0.0;
    StateTree
        options{}; ///< dict of the other hyper-parameters under PyTorch's names ("betas", "eps", ...)
};

/// torch.optim.Optimizer: same arithmetic, order of operations, names and state_dict layout.
///
/// The default path is Python's single-tensor one, its default on a CPU, bit for bit.
/// Parameters that appear twice (tied weights) are stepped once.
/// Throws: MisconfigurationError for an empty parameter list.
/// Source: PyTorch 2.13, torch/optim.
class LEYDEN_API Optimizer
{
public:
    virtual ~Optimizer();
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    virtual std::string name() const = 0; ///< class name, e.g. "AdamW"
    /// Evaluates the closure with gradients enabled (if there is one), then updates the parameters.
    virtual at::Tensor step(const Closure& closure = {});
    /// Whether a step divides the gradients by a loss scale itself (fused).
    bool unscales_itself() const;
    /// A step of such an optimizer under a GradScaler: gradients are divided by `grad_scale`
    /// (undefined: they are unscaled already), and nothing changes where `found_inf` is not 0. Both
    /// [] float32.
    void step_scaled(const at::Tensor& grad_scale, const at::Tensor& found_inf);
    void zero_grad(); ///< gradients become undefined (set_to_none)

    std::vector<ParamGroup>& param_groups() { return param_groups_; }
    const std::vector<ParamGroup>& param_groups() const { return param_groups_; }

    /// What a group that says nothing itself has: rate and options of the first group, unless set.
    const ParamGroup& defaults() const { return defaults_; }
    void set_defaults(ParamGroup defaults);
    /// Adds parameters with a rate of their own; options that the group lacks are those of
    /// defaults(). Throws MisconfigurationError where a parameter is in a group already.
    void add_param_group(ParamGroup group);
    /// Takes other groups in place of all there are, before the first step or a load_state_dict().
    void set_param_groups(std::vector<ParamGroup> groups);

    /// {"state": {index: {...}}, "param_groups": [{lr, ..., "params": [indices]}]}, PyTorch's
    /// layout.
    StateTree state_dict() const;
    /// Throws CheckpointError where groups or their sizes differ.
    void load_state_dict(const StateTree& state);

protected:
    explicit Optimizer(std::vector<ParamGroup> groups);
    virtual void update(ParamGroup& group, size_t first_index)
        = 0; ///< one group; index of its first parameter
    /// Makes room for the state of `count` parameters in all; the new ones come last.
    virtual void resize_states(size_t count) = 0;
    /// Per-parameter state by running index, e.g. {"step": Tensor, "exp_avg": Tensor}.
    virtual StateTree param_state(size_t index) const = 0;
    /// `state` is None or empty where nothing was saved for that parameter.
    virtual void load_param_state(size_t index, const at::Tensor& param, const StateTree& state)
        = 0;
    /// A copy of a saved buffer with the parameter's dtype and device.
    /// Throws CheckpointError where it has another shape.
    at::Tensor loaded(size_t index, const at::Tensor& param, const StateTree& value) const;

    // What step_scaled() was given, as the fused kernels take it; empty in any other step.
    const std::optional<at::Tensor>& grad_scale() const { return grad_scale_; }
    const std::optional<at::Tensor>& found_inf() const { return found_inf_; }
    bool is_overflown() const; ///< the step changes nothing; waits for the device

private:
    std::vector<ParamGroup> param_groups_;
    std::optional<at::Tensor> grad_scale_;
    std::optional<at::Tensor> found_inf_;
    ParamGroup defaults_; ///< without parameters
};

} // namespace leyden
