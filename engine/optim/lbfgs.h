// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/lbfgs_options.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/tensor_number.h"

namespace leyden {

/// torch.optim.LBFGS: Newton's method with a curvature that is estimated from the last steps. A
/// step evaluates the closure several times.
///
/// State:  of the first parameter: "func_evals", "n_iter" and, from the first iteration on, "d",
/// "t",
///         "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss", from the second
///         one "al", over all parameters laid end to end.
/// Throws: MisconfigurationError for bad options, more than one group, a step without a closure or
///         with one that gives no loss.
/// Source: PyTorch 2.13, torch/optim/lbfgs.py; real parameters alone.
class LEYDEN_API LBFGS final : public Optimizer
{
public:
    explicit LBFGS(std::vector<at::Tensor> params, const LBFGSOptions& options = {});

    static ParamGroup group(std::vector<at::Tensor> params, const LBFGSOptions& options);

    std::string name() const override { return "LBFGS"; }
    at::Tensor step(const Closure& closure = {}) override;

protected:
    void update(ParamGroup& group, size_t first_index) override;
    /// Throws MisconfigurationError where there is more than one group.
    void resize_states(size_t count) override;
    StateTree param_state(size_t index) const override;
    void load_param_state(size_t index, const at::Tensor& param, const StateTree& state) override;

private:
    /// One evaluation and what follows from it.
    struct Evaluation
    {
        at::Tensor loss;
        double value = 0;
        at::Tensor gradient; // [N]
    };
    struct Iteration; // what a step() keeps between its iterations

    Evaluation evaluate(const Closure& closure);
    at::Tensor flat_gradient() const;
    void add_to_params(const TensorNumber& step, const at::Tensor& direction);
    void choose_direction(Iteration& now);
    void remember_curvature(Iteration& now);
    void move(Iteration& now, const Closure& closure, bool is_last);

    const std::vector<at::Tensor>& params() const { return param_groups().front().params; }

    StateTree state_ = StateTree::dict();
};

} // namespace leyden
