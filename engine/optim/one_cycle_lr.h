// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/chainable_lr_scheduler.h"
#include "engine/optim/one_cycle_lr_options.h"

namespace leyden {

/// Raises every rate to max_lr and lowers it far below its first value, once in total_steps; the
/// momentum goes the other way. Meant to be stepped after every optimizer step.
///
/// Throws: MisconfigurationError for bad options, cycle_momentum without a momentum, and a step
///         after the last one.
/// Source: PyTorch 2.13, torch/optim/lr_scheduler.py.
class LEYDEN_API OneCycleLR final : public ChainableLRScheduler
{
public:
    OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options);
    std::string name() const override { return "OneCycleLR"; }
    std::optional<int64_t> most_steps() const override { return total_steps_; }

protected:
    std::vector<double> next_lr() const override;
    StateTree settings() const override;
    void load_settings(const StateTree& state) override;

private:
    /// A stretch of the cycle; the names are keys of the parameter groups.
    struct Phase
    {
        double end_step = 0;
        std::string start_lr;
        std::string end_lr;
        std::string start_momentum;
        std::string end_momentum;
    };
    double anneal(double start, double end, double share) const;

    int64_t total_steps_;
    std::vector<Phase> phases_;
    AnnealStrategy anneal_strategy_;
    bool cycle_momentum_;
    bool use_beta1_ = false;
};

} // namespace leyden
