// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/cyclic_lr.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_schedule.h"
#include "engine/optim/momentum_cycle.h"
#include "engine/optim/per_group.h"
#include "engine/optim/schedule_state.h"

#include <array>
#include <cmath>

namespace leyden {

namespace {

constexpr std::array mode_names = {"triangular", "triangular2", "exp_range"};

/// The rates and momentums to start from, before the base class notes the rates.
Optimizer& with_cycle(Optimizer& optimizer, const CyclicLROptions& options)
{
    check_options(options);
    const auto lrs = per_group("base_lr", optimizer, options.base_lr);
    for (size_t i = 0; i < lrs.size(); ++i)
        optimizer.param_groups()[i].lr = lrs[i];
    if (options.cycle_momentum) {
        uses_beta1(optimizer, "CyclicLR");
        note_momentums(optimizer, per_group("base_momentum", optimizer, options.base_momentum),
            per_group("max_momentum", optimizer, options.max_momentum));
    }
    return optimizer;
}

} // namespace

void describe(OptionTable<CyclicLROptions>& table)
{
    using T = CyclicLROptions;
    table.add("base_lr", &T::base_lr, "Smallest rate; a list has one a parameter group").required();
    table.add("max_lr", &T::max_lr, "Largest rate; a list has one a parameter group").required();
    table.add("step_size_up", &T::step_size_up, "Steps of the scheduler from smallest to largest")
        .at_least(1);
    table.add("step_size_down", &T::step_size_down, "Steps back; null: as many").at_least(1);
    table.add("mode", &T::mode, "Whether and how the height of the cycles shrinks")
        .choices({{"triangular", CyclicMode::Triangular}, {"triangular2", CyclicMode::Triangular2},
            {"exp_range", CyclicMode::ExpRange}});
    table.add("gamma", &T::gamma, "Factor of the height at each step")
        .depends_on("mode", "exp_range");
    table.add("cycle_momentum", &T::cycle_momentum, "Move the momentum the other way");
    table.add("base_momentum", &T::base_momentum, "Smallest momentum").depends_on("cycle_momentum");
    table.add("max_momentum", &T::max_momentum, "Largest momentum").depends_on("cycle_momentum");
    describe_last_epoch(table);
}

CyclicLR::CyclicLR(Optimizer& optimizer, const CyclicLROptions& options)
    : ChainableLRScheduler(with_cycle(optimizer, options))
    , mode_(options.mode)
    , gamma_(options.gamma)
    , cycle_momentum_(options.cycle_momentum)
    , max_lrs_(per_group("max_lr", optimizer, options.max_lr))
{
    const auto up = double(options.step_size_up);
    total_size_ = up + double(options.step_size_down.value_or(options.step_size_up));
    step_ratio_ = up / total_size_;
    if (cycle_momentum_) {
        use_beta1_ = uses_beta1(optimizer, "CyclicLR");
        base_momentums_ = per_group("base_momentum", optimizer, options.base_momentum);
        max_momentums_ = per_group("max_momentum", optimizer, options.max_momentum);
    }
    initial_step();
    set_base_lrs(per_group("base_lr", optimizer, options.base_lr));
}

std::vector<double> CyclicLR::next_lr() const
{
    const auto epoch = double(last_epoch());
    const auto cycle = std::floor(1 + epoch / total_size_);
    const auto x = 1.0 + epoch / total_size_ - cycle;
    const auto height = x <= step_ratio_ ? x / step_ratio_ : (x - 1) / (step_ratio_ - 1);
    double scale = 1.0;
    if (mode_ == CyclicMode::Triangular2)
        scale = 1 / std::pow(2.0, cycle - 1);
    else if (mode_ == CyclicMode::ExpRange)
        scale = std::pow(gamma_, epoch);

    auto lrs = base_lrs();
    for (size_t i = 0; i < lrs.size(); ++i)
        lrs[i] = lrs[i] + (max_lrs_[i] - lrs[i]) * height * scale;
    auto& groups = optimizer().param_groups();
    for (size_t i = 0; i < max_momentums_.size(); ++i)
        set_momentum(groups[i],
            max_momentums_[i] - (max_momentums_[i] - base_momentums_[i]) * height * scale);
    return lrs;
}

StateTree CyclicLR::settings() const
{
    auto state
        = StateTree::dict({{"max_lrs", list_of_numbers(max_lrs_)}, {"total_size", total_size_},
            {"step_ratio", step_ratio_}, {"mode", mode_names[size_t(mode_)]}, {"gamma", gamma_},
            {"scale_mode", mode_ == CyclicMode::ExpRange ? "iterations" : "cycle"},
            {"cycle_momentum", cycle_momentum_}});
    if (cycle_momentum_) {
        state.set("use_beta1", use_beta1_);
        state.set("base_momentums", list_of_numbers(base_momentums_));
        state.set("max_momentums", list_of_numbers(max_momentums_));
    }
    return state;
}

StateTree CyclicLR::state_dict() const
{
    auto state = ChainableLRScheduler::state_dict();
    state.set("_scale_fn_custom", StateTree());
    return state;
}

void CyclicLR::load_settings(const StateTree& state)
{
    const auto& mode = state.at("mode").to_string();
    for (size_t i = 0; i < mode_names.size(); ++i)
        if (mode == mode_names[i])
            mode_ = CyclicMode(i);
    gamma_ = state.at("gamma").to_double();
    max_lrs_ = numbers(state.at("max_lrs"));
    total_size_ = state.at("total_size").to_double();
    step_ratio_ = state.at("step_ratio").to_double();
    cycle_momentum_ = state.at("cycle_momentum").to_bool();
    base_momentums_ = cycle_momentum_ ? numbers(state.at("base_momentums")) : std::vector<double>();
    max_momentums_ = cycle_momentum_ ? numbers(state.at("max_momentums")) : std::vector<double>();
    const auto count = optimizer().param_groups().size();
    if (max_lrs_.size() != count || base_momentums_.size() != max_momentums_.size()
        || (cycle_momentum_ && max_momentums_.size() != count))
        throw CheckpointError(
            "CyclicLR: the saved state is for another number of parameter groups");
}

} // namespace leyden
