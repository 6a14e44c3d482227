// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/one_cycle_lr.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_schedule.h"
#include "engine/optim/momentum_cycle.h"
#include "engine/optim/per_group.h"

#include <cmath>
#include <numbers>

namespace leyden {

namespace {

/// The rates of the cycle, before the base class notes the first one.
Optimizer& with_cycle(Optimizer& optimizer, const OneCycleLROptions& options)
{
    check_options(options);
    const auto max_lrs = per_group("max_lr", optimizer, options.max_lr);
    for (size_t i = 0; i < max_lrs.size(); ++i) {
        const auto initial_lr = max_lrs[i] / options.div_factor;
        auto& group = optimizer.param_groups()[i].options;
        group.set("initial_lr", initial_lr);
        group.set("max_lr", max_lrs[i]);
        group.set("min_lr", initial_lr / options.final_div_factor);
    }
    return optimizer;
}

} // namespace

void describe(OptionTable<OneCycleLROptions>& table)
{
    using T = OneCycleLROptions;
    table.add("max_lr", &T::max_lr, "Largest rate; a list has one a parameter group").required();
    table
        .add("total_steps", &T::total_steps,
            "Steps of the whole cycle; null: epochs * steps_per_epoch")
        .at_least(1)
        .details("Optimizer steps, with the interval \"step\".");
    table.add("epochs", &T::epochs, "Epochs of the run").at_least(1);
    table.add("steps_per_epoch", &T::steps_per_epoch, "Steps of an epoch").at_least(1);
    table.add("pct_start", &T::pct_start, "Share of the steps in which the rate rises")
        .at_least(0)
        .at_most(1);
    table.add("anneal_strategy", &T::anneal_strategy, "Shape of the way between two rates")
        .choices({{"cos", AnnealStrategy::Cos}, {"linear", AnnealStrategy::Linear}});
    table.add("cycle_momentum", &T::cycle_momentum, "Move the momentum the other way");
    table.add("base_momentum", &T::base_momentum, "Smallest momentum").depends_on("cycle_momentum");
    table.add("max_momentum", &T::max_momentum, "Largest momentum").depends_on("cycle_momentum");
    table.add("div_factor", &T::div_factor, "Largest rate divided by the first").above(0);
    table.add("final_div_factor", &T::final_div_factor, "First rate divided by the last").above(0);
    table.add("three_phase", &T::three_phase, "Come down as slowly as up, then fall further");
    describe_last_epoch(table);
    table.check([](const T& options, OptionClashes& clashes) {
        if (!options.total_steps && (!options.epochs || !options.steps_per_epoch))
            clashes.add("total_steps", "missing; expected it, or both epochs and steps_per_epoch");
    });
}

OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options)
    : ChainableLRScheduler(with_cycle(optimizer, options))
    , total_steps_(options.total_steps.value_or(
          options.epochs.value_or(1) * options.steps_per_epoch.value_or(1)))
    , anneal_strategy_(options.anneal_strategy)
    , cycle_momentum_(options.cycle_momentum)
{
    const auto rise = options.pct_start * double(total_steps_);
    phases_.push_back({rise - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"});
    if (options.three_phase) {
        phases_.push_back({2 * options.pct_start * double(total_steps_) - 2, "max_lr", "initial_lr",
            "base_momentum", "max_momentum"});
        phases_.push_back(
            {double(total_steps_ - 1), "initial_lr", "min_lr", "max_momentum", "max_momentum"});
    } else {
        phases_.push_back(
            {double(total_steps_ - 1), "max_lr", "min_lr", "base_momentum", "max_momentum"});
    }
    if (cycle_momentum_) {
        use_beta1_ = uses_beta1(optimizer, "OneCycleLR");
        note_momentums(optimizer, per_group("base_momentum", optimizer, options.base_momentum),
            per_group("max_momentum", optimizer, options.max_momentum));
    }
    initial_step();
}

double OneCycleLR::anneal(double start, double end, double share) const
{
    if (anneal_strategy_ == AnnealStrategy::Linear)
        return (end - start) * share + start;
    return end + (start - end) / 2.0 * (std::cos(std::numbers::pi * share) + 1);
}

std::vector<double> OneCycleLR::next_lr() const
{
    if (last_epoch() > total_steps_)
        throw MisconfigurationError("OneCycleLR: total_steps = " + std::to_string(total_steps_)
            + ", but the run takes more; set it to the number of optimizer steps of the run");
    const auto step = double(last_epoch());
    double start_step = 0;
    size_t current = 0;
    while (step > phases_[current].end_step && current + 1 < phases_.size())
        start_step = phases_[current++].end_step;
    const auto& phase = phases_[current];
    const auto share = (step - start_step) / (phase.end_step - start_step);

    std::vector<double> lrs;
    for (auto& group : optimizer().param_groups()) {
        const auto at = [&](const std::string& key) { return group.options.at(key).to_double(); };
        lrs.push_back(anneal(at(phase.start_lr), at(phase.end_lr), share));
        if (cycle_momentum_)
            set_momentum(group, anneal(at(phase.start_momentum), at(phase.end_momentum), share));
    }
    return lrs;
}

StateTree OneCycleLR::settings() const
{
    auto phases = StateTree::list();
    for (const auto& phase : phases_) {
        const bool is_last = &phase == &phases_.back(); // a whole number in PyTorch too
        phases.push_back(StateTree::dict(
            {{"end_step", is_last ? StateTree(int64_t(phase.end_step)) : StateTree(phase.end_step)},
                {"start_lr", phase.start_lr}, {"end_lr", phase.end_lr},
                {"start_momentum", phase.start_momentum}, {"end_momentum", phase.end_momentum}}));
    }
    auto state
        = StateTree::dict({{"total_steps", total_steps_}, {"_schedule_phases", std::move(phases)},
            {"_anneal_func_type", anneal_strategy_ == AnnealStrategy::Cos ? "cos" : "linear"},
            {"cycle_momentum", cycle_momentum_}});
    if (cycle_momentum_)
        state.set("use_beta1", use_beta1_);
    return state;
}

void OneCycleLR::load_settings(const StateTree& state)
{
    std::vector<Phase> phases;
    for (const auto& phase : state.at("_schedule_phases").items())
        phases.push_back({phase.at("end_step").to_double(), phase.at("start_lr").to_string(),
            phase.at("end_lr").to_string(), phase.at("start_momentum").to_string(),
            phase.at("end_momentum").to_string()});
    if (phases.empty())
        throw CheckpointError("OneCycleLR: the saved state has no phases");
    phases_ = std::move(phases);
    total_steps_ = state.at("total_steps").to_int();
    anneal_strategy_ = state.at("_anneal_func_type").to_string() == "linear"
        ? AnnealStrategy::Linear
        : AnnealStrategy::Cos;
    cycle_momentum_ = state.at("cycle_momentum").to_bool();
}

} // namespace leyden
