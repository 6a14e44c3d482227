// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/range_test_lr.h"

#include "engine/optim/optimizer.h"

#include <cmath>

namespace leyden {

RangeTestLR::RangeTestLR(Optimizer& optimizer, const LearningRateFinderOptions& options)
    : optimizer_(optimizer), options_(options)
{
    set(options_.min_lr);
}

void RangeTestLR::set(double lr)
{
    lr_ = lr;
    for (auto& group : optimizer_.param_groups())
        group.lr = lr;
}

void RangeTestLR::step(std::optional<double>)
{
    ++last_epoch_;
    const auto& [low, high] = std::pair(options_.min_lr, options_.max_lr);
    const double share = double(last_epoch_ + 1) / double(options_.num_training_steps);
    set(options_.mode == RangeMode::Linear ? low + share * (high - low)
                                           : low * std::pow(high / low, share));
}

StateTree RangeTestLR::state_dict() const
{
    return StateTree::dict({{"last_epoch", last_epoch_}, {"lr", lr_}});
}

void RangeTestLR::load_state_dict(const StateTree& state)
{
    last_epoch_ = state.at("last_epoch").to_int();
    set(state.at("lr").to_double());
}

std::vector<double> RangeTestLR::last_lr() const
{
    return std::vector<double>(optimizer_.param_groups().size(), lr_);
}

} // namespace leyden
