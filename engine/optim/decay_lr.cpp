// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/decay_lr.h"

#include "engine/optim/describe_schedule.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace leyden {

namespace {

std::vector<double> times(std::vector<double> lrs, double factor)
{
    for (auto& lr : lrs)
        lr *= factor;
    return lrs;
}

} // namespace

void describe(OptionTable<MultiStepLROptions>& table)
{
    using T = MultiStepLROptions;
    table.add("milestones", &T::milestones, "Steps of the scheduler at which the rate decays")
        .required()
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("gamma", &T::gamma, "Factor of each decay");
    describe_last_epoch(table);
}

void describe(OptionTable<ConstantLROptions>& table)
{
    using T = ConstantLROptions;
    table.add("factor", &T::factor, "Share of the rate to begin with").at_least(0).at_most(1);
    table.add("total_iters", &T::total_iters, "Steps of the scheduler until the whole rate")
        .details("Epochs, or optimizer steps where interval is \"step\".");
    describe_last_epoch(table);
    table.check([](const T& options, OptionClashes& clashes) {
        if (options.factor == 0 && options.total_iters > 0)
            clashes.add("factor",
                "found 0, from which no factor leads back to the whole rate; "
                "expected a number above 0");
    });
}

void describe(OptionTable<LinearLROptions>& table)
{
    using T = LinearLROptions;
    table.add("start_factor", &T::start_factor, "Share of the rate to begin with")
        .above(0)
        .at_most(1);
    table.add("end_factor", &T::end_factor, "Share of the rate to end with").at_least(0).at_most(1);
    table.add("total_iters", &T::total_iters, "Steps of the scheduler from one to the other")
        .at_least(1)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    describe_last_epoch(table);
}

void describe(OptionTable<ExponentialLROptions>& table)
{
    using T = ExponentialLROptions;
    table.add("gamma", &T::gamma, "Factor of each step of the scheduler").required();
    describe_last_epoch(table);
}

void describe(OptionTable<PolynomialLROptions>& table)
{
    using T = PolynomialLROptions;
    table.add("total_iters", &T::total_iters, "Steps of the scheduler until the rate is 0")
        .at_least(1)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("power", &T::power, "Power of the share of steps that is left").at_least(0);
    describe_last_epoch(table);
}

MultiStepLR::MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> MultiStepLR::next_lr() const
{
    const auto& milestones = options_.milestones;
    const auto count = std::count(milestones.begin(), milestones.end(), last_epoch());
    return count == 0 ? group_lrs() : times(group_lrs(), std::pow(options_.gamma, double(count)));
}

std::vector<double> MultiStepLR::closed_form_lr() const
{
    const auto passed = std::count_if(options_.milestones.begin(), options_.milestones.end(),
        [this](int64_t milestone) { return milestone <= last_epoch(); });
    return base_lrs_times(std::pow(options_.gamma, double(passed)));
}

StateTree MultiStepLR::settings() const
{
    auto counts = StateTree::dict();
    for (const auto milestone : options_.milestones) {
        const auto* known = counts.find(milestone);
        counts.set(milestone, known ? known->to_int() + 1 : int64_t(1));
    }
    return StateTree::dict({{"milestones", std::move(counts)}, {"gamma", options_.gamma}});
}

void MultiStepLR::load_settings(const StateTree& state)
{
    std::vector<int64_t> milestones;
    for (const auto& [key, count] : state.at("milestones").entries())
        milestones.insert(milestones.end(), size_t(count.to_int()), std::get<int64_t>(key));
    options_.milestones = std::move(milestones);
    options_.gamma = state.at("gamma").to_double();
}

ConstantLR::ConstantLR(Optimizer& optimizer, const ConstantLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> ConstantLR::next_lr() const
{
    if (last_epoch() == 0)
        return times(group_lrs(), options_.factor);
    return last_epoch() == options_.total_iters ? times(group_lrs(), 1.0 / options_.factor)
                                                : group_lrs();
}

std::vector<double> ConstantLR::closed_form_lr() const
{
    const auto is_whole = double(last_epoch() >= options_.total_iters);
    return base_lrs_times(options_.factor + is_whole * (1 - options_.factor));
}

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> LinearLR::next_lr() const
{
    if (last_epoch() == 0)
        return times(group_lrs(), options_.start_factor);
    if (is_initial() || last_epoch() > options_.total_iters)
        return group_lrs();
    const auto rise = options_.end_factor - options_.start_factor;
    const auto before
        = double(options_.total_iters) * options_.start_factor + double(last_epoch() - 1) * rise;
    return times(group_lrs(), 1.0 + rise / before);
}

std::vector<double> LinearLR::closed_form_lr() const
{
    const auto rise = options_.end_factor - options_.start_factor;
    const auto passed = double(std::min(options_.total_iters, last_epoch()));
    return base_lrs_times(options_.start_factor + rise * passed / double(options_.total_iters));
}

ExponentialLR::ExponentialLR(Optimizer& optimizer, const ExponentialLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> ExponentialLR::next_lr() const
{
    return is_initial() ? group_lrs() : times(group_lrs(), options_.gamma);
}

std::vector<double> ExponentialLR::closed_form_lr() const
{
    return base_lrs_times(std::pow(options_.gamma, double(last_epoch())));
}

PolynomialLR::PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> PolynomialLR::next_lr() const
{
    if (is_initial() || last_epoch() > options_.total_iters)
        return group_lrs();
    const auto total = double(options_.total_iters);
    const auto epoch = double(last_epoch());
    return times(
        group_lrs(), std::pow((1.0 - epoch / total) / (1.0 - (epoch - 1) / total), options_.power));
}

std::vector<double> PolynomialLR::closed_form_lr() const
{
    const auto passed = double(std::min(options_.total_iters, last_epoch()));
    return base_lrs_times(std::pow(1.0 - passed / double(options_.total_iters), options_.power));
}

} // namespace leyden
