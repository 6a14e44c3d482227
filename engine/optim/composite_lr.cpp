// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/composite_lr.h"

#include "engine/config/check_options.h"
#include "engine/core/errors.h"
#include "engine/optim/cosine_annealing_lr.h"
#include "engine/optim/decay_lr.h"
#include "engine/optim/describe_schedule.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/schedule_state.h"

#include <algorithm>

namespace leyden {

namespace {

template <class Options>
void describe_schedulers(OptionTable<Options>& table, const std::string& help)
{
    table.add("schedulers", &Options::schedulers, help)
        .required()
        .not_empty()
        .component(ComponentKind::LRScheduler)
        .details("Any but ReduceLROnPlateau. Their own interval and frequency are not used.");
}

LRSchedulers warmup_and_cosine(Optimizer& optimizer, const WarmupCosineLROptions& options)
{
    check_options(options);
    auto warmup = std::make_shared<LinearLR>(
        optimizer, LinearLROptions{options.start_factor, 1.0, options.warmup_steps, -1});
    auto cosine = std::make_shared<CosineAnnealingLR>(optimizer,
        CosineAnnealingLROptions{options.total_steps - options.warmup_steps, options.eta_min, -1});
    return {std::move(warmup), std::move(cosine)};
}

} // namespace

void describe(OptionTable<SequentialLROptions>& table)
{
    using T = SequentialLROptions;
    describe_schedulers(table, "Schedulers that take turns");
    table.add("milestones", &T::milestones, "Steps at which the next scheduler starts")
        .required()
        .each_at_least(0);
    describe_last_epoch(table);
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.milestones.size() + 1 != options.schedulers.size())
            clashes.add("milestones", "expected one fewer than schedulers");
        if (!std::is_sorted(options.milestones.begin(), options.milestones.end()))
            clashes.add("milestones", "expected numbers that rise");
    });
}

void describe(OptionTable<ChainedSchedulerOptions>& table)
{
    describe_schedulers(table, "Schedulers that act together");
}

void describe(OptionTable<WarmupCosineLROptions>& table)
{
    using T = WarmupCosineLROptions;
    table.add("warmup_steps", &T::warmup_steps, "Steps of the scheduler until the whole rate")
        .required()
        .at_least(1)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("total_steps", &T::total_steps, "Steps of the scheduler until the smallest rate")
        .required()
        .at_least(2)
        .details("Usually the run's length.");
    table.add("start_factor", &T::start_factor, "Share of the rate to begin with")
        .above(0)
        .at_most(1);
    table.add("eta_min", &T::eta_min, "Smallest rate");
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.total_steps <= options.warmup_steps)
            clashes.add("total_steps", "expected more than warmup_steps");
    });
}

CompositeLRScheduler::CompositeLRScheduler(
    Optimizer& optimizer, const LRSchedulers& schedulers, const std::string& name)
    : optimizer_(optimizer)
{
    if (schedulers.empty())
        throw MisconfigurationError(name + ": schedulers is empty; expected at least one");
    for (const auto& scheduler : schedulers) {
        auto composable = std::dynamic_pointer_cast<ComposableLRScheduler>(scheduler);
        if (!composable)
            throw MisconfigurationError(name + ": " + scheduler->name()
                + " cannot be one of the schedulers, since its steps need a metric; use it alone");
        if (&composable->optimizer() != &optimizer)
            throw MisconfigurationError(
                name + ": " + scheduler->name() + " belongs to another optimizer");
        schedulers_.push_back(std::move(composable));
    }
}

void CompositeLRScheduler::note_last_lr()
{
    last_lr_.clear();
    for (const auto& group : optimizer_.param_groups())
        last_lr_.push_back(group.lr);
}

void CompositeLRScheduler::initial_step()
{
    is_first_of_sequence_ = true;
    step();
}

void CompositeLRScheduler::undo_step()
{
    for (const auto& scheduler : schedulers_)
        scheduler->undo_step();
}

void CompositeLRScheduler::restart()
{
    LEYDEN_ASSERT(!"a composite scheduler stands first in a sequence");
}

StateTree CompositeLRScheduler::state_dict() const
{
    auto state = own_state();
    state.set("_last_lr", list_of_numbers(last_lr_));
    if (is_first_of_sequence_) {
        state.set("_step_count", int64_t(0));
        state.set("_is_initial", false);
    }
    auto states = StateTree::list();
    for (const auto& scheduler : schedulers_)
        states.push_back(scheduler->state_dict());
    state.set("_schedulers", std::move(states));
    return state;
}

void CompositeLRScheduler::load_state_dict(const StateTree& state)
{
    const auto& states = state.at("_schedulers").items();
    if (states.size() != schedulers_.size())
        throw CheckpointError(name() + ": the saved state has " + std::to_string(states.size())
            + " schedulers, the config " + std::to_string(schedulers_.size()));
    load_own_state(state);
    last_lr_ = numbers(state.at("_last_lr"));
    for (size_t i = 0; i < states.size(); ++i)
        schedulers_[i]->load_state_dict(states[i]);
}

ChainedScheduler::ChainedScheduler(Optimizer& optimizer, const LRSchedulers& schedulers)
    : CompositeLRScheduler(optimizer, schedulers, "ChainedScheduler")
{
    note_last_lr();
}

void ChainedScheduler::step(std::optional<double>)
{
    for (const auto& scheduler : schedulers())
        scheduler->step();
    note_last_lr();
}

std::optional<int64_t> ChainedScheduler::most_steps() const
{
    std::optional<int64_t> most;
    for (const auto& scheduler : schedulers())
        if (const auto own = scheduler->most_steps())
            most = std::min(most.value_or(*own), *own);
    return most;
}

SequentialLR::SequentialLR(
    Optimizer& optimizer, const LRSchedulers& schedulers, std::vector<int64_t> milestones)
    : CompositeLRScheduler(optimizer, schedulers, "SequentialLR")
    , milestones_(std::move(milestones))
{
    if (milestones_.size() + 1 != schedulers.size())
        throw MisconfigurationError("SequentialLR: has " + std::to_string(schedulers.size())
            + " schedulers and " + std::to_string(milestones_.size())
            + " milestones; expected one milestone fewer than schedulers");
    for (size_t i = 1; i < schedulers.size(); ++i)
        if (!this->schedulers()[i]->can_restart())
            throw MisconfigurationError("SequentialLR: " + schedulers[i]->name()
                + " is made of other schedulers, so it can only stand first");
    for (auto& group : optimizer.param_groups())
        group.lr = group.options.at("initial_lr").to_double();
    undo_step();
    const auto& first = this->schedulers()[index_at(0)];
    first->initial_step();
    set_last_lr(first->last_lr());
}

std::optional<int64_t> SequentialLR::most_steps() const
{
    for (size_t i = 0; i < schedulers().size(); ++i) {
        const auto own = schedulers()[i]->most_steps();
        const auto begin = i == 0 ? 0 : milestones_[i - 1];
        if (own && (i == milestones_.size() || begin + *own < milestones_[i]))
            return begin + *own;
    }
    return {};
}

size_t SequentialLR::index_at(int64_t epoch) const
{
    return size_t(
        std::upper_bound(milestones_.begin(), milestones_.end(), epoch) - milestones_.begin());
}

void SequentialLR::step(std::optional<double>)
{
    ++last_epoch_;
    const auto index = index_at(last_epoch_);
    const auto& scheduler = schedulers()[index];
    if (index > 0 && milestones_[index - 1] == last_epoch_)
        scheduler->restart();
    else
        scheduler->step();
    set_last_lr(scheduler->last_lr());
}

StateTree SequentialLR::own_state() const
{
    return StateTree::dict(
        {{"_milestones", list_of_numbers(milestones_)}, {"last_epoch", last_epoch_}});
}

void SequentialLR::load_own_state(const StateTree& state)
{
    const auto& saved = state.at("_milestones").items();
    if (saved.size() != milestones_.size())
        throw CheckpointError(name() + ": the saved state has another number of milestones");
    for (size_t i = 0; i < saved.size(); ++i)
        milestones_[i] = saved[i].to_int();
    last_epoch_ = state.at("last_epoch").to_int();
}

WarmupCosineLR::WarmupCosineLR(Optimizer& optimizer, const WarmupCosineLROptions& options)
    : SequentialLR(optimizer, warmup_and_cosine(optimizer, options), {options.warmup_steps})
{
}

} // namespace leyden
