// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/chainable_lr_scheduler.h"
#include "engine/optim/cyclic_lr_options.h"

namespace leyden {

/// Moves every rate up and down between base_lr and max_lr, and the momentum the other way.
///
/// Throws:  MisconfigurationError for bad options, or cycle_momentum without a momentum.
/// Differs: has no scale_fn.
/// Source:  PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API CyclicLR final : public ChainableLRScheduler
{
public:
    CyclicLR(Optimizer& optimizer, const CyclicLROptions& options);
    std::string name() const override { return "CyclicLR"; }
    StateTree state_dict() const override;

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override;
    void load_settings(const StateTree& state) override;

private:
    CyclicMode mode_;
    double gamma_;
    double total_size_; // steps of a cycle
    double step_ratio_; // share of them that rises
    bool cycle_momentum_;
    bool use_beta1_ = false;
    std::vector<double> max_lrs_;
    std::vector<double> base_momentums_;
    std::vector<double> max_momentums_;
};

} // namespace leyden
