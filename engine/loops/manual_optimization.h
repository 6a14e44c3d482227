// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"
#include "engine/optim/optimizer.h"
#include "engine/trainer/progress.h"

#include <cstdint>

namespace leyden {

class Trainer;

/// One batch under manual optimization: training_step does the backward passes and the steps
/// itself; here they are counted.
///
/// Source: PyTorch Lightning 2.6, loops/optimization/manual.py.
class ManualOptimization
{
public:
    explicit ManualOptimization(Trainer& trainer) : trainer_(trainer) { }

    /// Returns what on_train_batch_end gets: the step's extra entries and its loss, detached.
    const StateTree& run(const StateTree& batch, int64_t batch_idx);
    /// A step of a LightningOptimizer; counted while run() goes on.
    at::Tensor step(Optimizer& optimizer, const Closure& closure);

    int64_t optimizer_steps() const { return step_progress.total.completed; }

    Progress step_progress; ///< of all optimizers together

private:
    Trainer& trainer_;
    StateTree outputs_ = StateTree::dict();
    bool is_running_ = false;
};

} // namespace leyden
