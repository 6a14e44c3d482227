// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/chainable_lr_scheduler.h"

#include "engine/core/errors.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/schedule_state.h"

#include <algorithm>
#include <string>

namespace leyden {

ChainableLRScheduler::ChainableLRScheduler(Optimizer& optimizer) : optimizer_(optimizer)
{
    for (auto& group : optimizer.param_groups()) {
        if (!group.options.contains("initial_lr"))
            group.options.set("initial_lr", group.lr);
        base_lrs_.push_back(group.options.at("initial_lr").to_double());
    }
}

void ChainableLRScheduler::initial_step()
{
    step_count_ = 0;
    is_initial_ = true;
    step();
    is_initial_ = false;
}

void ChainableLRScheduler::restart()
{
    last_epoch_ = 0;
    set_group_lrs(closed_form_lr());
}

void ChainableLRScheduler::step(std::optional<double>)
{
    ++step_count_;
    ++last_epoch_;
    set_group_lrs(next_lr());
}

void ChainableLRScheduler::set_group_lrs(const std::vector<double>& lrs)
{
    auto& groups = optimizer_.param_groups(); // may have grown since the scheduler was made
    for (size_t i = 0; i < std::min(lrs.size(), groups.size()); ++i)
        groups[i].lr = lrs[i];
    last_lr_ = group_lrs();
}

std::vector<double> ChainableLRScheduler::group_lrs() const
{
    std::vector<double> lrs;
    for (const auto& group : optimizer_.param_groups())
        lrs.push_back(group.lr);
    return lrs;
}

std::vector<double> ChainableLRScheduler::base_lrs_times(double factor) const
{
    auto lrs = base_lrs_;
    for (auto& lr : lrs)
        lr *= factor;
    return lrs;
}

StateTree ChainableLRScheduler::state_dict() const
{
    auto state = settings();
    state.set("base_lrs", list_of_numbers(base_lrs_));
    state.set("last_epoch", last_epoch_);
    state.set("_step_count", step_count_);
    state.set("_is_initial", is_initial_);
    state.set("_get_lr_called_within_step", false);
    state.set("_last_lr", list_of_numbers(last_lr_));
    return state;
}

void ChainableLRScheduler::load_state_dict(const StateTree& state)
{
    auto base_lrs = numbers(state.at("base_lrs"));
    auto last_lr = numbers(state.at("_last_lr"));
    if (base_lrs.size() != base_lrs_.size())
        throw CheckpointError(name() + ": the saved state is for " + std::to_string(base_lrs.size())
            + " parameter groups, the optimizer has " + std::to_string(base_lrs_.size()));
    const auto last_epoch = state.at("last_epoch").to_int();
    const auto step_count = state.at("_step_count").to_int();
    load_settings(state);
    base_lrs_ = std::move(base_lrs);
    last_lr_ = std::move(last_lr);
    last_epoch_ = last_epoch;
    step_count_ = step_count;
}

} // namespace leyden
