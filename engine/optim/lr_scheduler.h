// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <optional>
#include <string>
#include <vector>

namespace leyden {

class Optimizer;

/// torch.optim.lr_scheduler.LRScheduler: sets the groups' rates after each step.
/// Made before training: it notes initial_lr and takes its first step, as PyTorch's does.
/// The optimizer must outlive it.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API LRScheduler
{
public:
    virtual ~LRScheduler();
    virtual std::string name() const = 0;
    virtual void step(std::optional<double> metric = {}) = 0;
    virtual bool needs_metric() const { return false; } ///< true for ReduceLROnPlateau
    /// How often step() may be called; unset: any number of times.
    virtual std::optional<int64_t> most_steps() const { return {}; }
    virtual StateTree state_dict() const = 0; ///< PyTorch's keys
    virtual void load_state_dict(const StateTree& state) = 0;
    virtual std::vector<double> last_lr() const = 0; ///< one a group
    virtual Optimizer& optimizer() const = 0;
};

} // namespace leyden
