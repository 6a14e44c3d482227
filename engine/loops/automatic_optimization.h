// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"
#include "engine/trainer/progress.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace leyden {

class Optimizer;
class Trainer;

/// One batch under automatic optimization: forward, zero_grad, backward, optimizer step, or only
/// forward and backward while gradients accumulate.
///
/// Source: PyTorch Lightning 2.6, loops/optimization/automatic.py.
class AutomaticOptimization
{
public:
    explicit AutomaticOptimization(Trainer& trainer);

    /// Returns what on_train_batch_end gets: a dict with "loss" (detached, divided by the
    /// accumulation) and the step's extra entries; an empty dict where the step gave no loss.
    const StateTree& run(
        Optimizer& optimizer, const StateTree& batch, int64_t batch_idx, bool accumulates);

    int64_t optimizer_steps() const { return step_progress.total.completed; }
    StateTree state_dict() const;
    void load_state_dict(const StateTree& state);

    bool skips_backward = false; ///< forward passes alone: no zero_grad, no backward (weight
                                 ///< averaging)
    Progress step_progress;
    Progress zero_grad_progress;

private:
    at::Tensor closure(Optimizer& optimizer, const StateTree& batch, int64_t batch_idx);

    Trainer& trainer_;
    StateTree outputs_;
    StateTree no_outputs_ = StateTree::dict();
    bool has_loss_ = false;
    bool was_closure_called_ = false;
    bool told_no_loss_ = false;
};

} // namespace leyden
