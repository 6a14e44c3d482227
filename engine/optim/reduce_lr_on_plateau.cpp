// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/reduce_lr_on_plateau.h"

#include "engine/config/check_options.h"
#include "engine/optim/per_group.h"
#include "engine/optim/schedule_state.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>

namespace leyden {

namespace {

double worst(PlateauMode mode)
{
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    return mode == PlateauMode::Min ? infinity : -infinity;
}

std::vector<double> rates_of(const Optimizer& optimizer)
{
    std::vector<double> lrs;
    for (const auto& group : optimizer.param_groups())
        lrs.push_back(group.lr);
    return lrs;
}

} // namespace

void describe(OptionTable<ReduceLROnPlateauOptions>& table)
{
    using T = ReduceLROnPlateauOptions;
    table.add("mode", &T::mode, "Whether smaller or larger is better")
        .choices({{"min", PlateauMode::Min}, {"max", PlateauMode::Max}});
    table.add("factor", &T::factor, "Factor of each decay").below(1);
    table.add("patience", &T::patience, "Steps without improvement that are let pass")
        .at_least(0)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("threshold", &T::threshold, "Smallest change that counts");
    table
        .add("threshold_mode", &T::threshold_mode,
            "Whether the threshold is a share of the best value")
        .choices({{"rel", ThresholdMode::Rel}, {"abs", ThresholdMode::Abs}});
    table.add("cooldown", &T::cooldown, "Steps after a decay that are not counted").at_least(0);
    table.add("min_lr", &T::min_lr, "Smallest rate; a list has one a parameter group");
    table.add("eps", &T::eps, "Smaller changes of a rate are left out").advanced();
}

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options)
    : optimizer_(optimizer)
    , options_(options)
    , min_lrs_(per_group("min_lr", optimizer, options.min_lr))
    , last_lr_(rates_of(optimizer))
    , best_(worst(options.mode))
{
    check_options(options);
}

void ReduceLROnPlateau::step(std::optional<double> metric)
{
    if (!metric)
        throw MisconfigurationError("ReduceLROnPlateau: a step needs the metric that it watches");
    ++last_epoch_;
    if (is_better(*metric)) {
        best_ = *metric;
        num_bad_epochs_ = 0;
    } else {
        ++num_bad_epochs_;
    }
    if (cooldown_counter_ > 0) {
        --cooldown_counter_;
        num_bad_epochs_ = 0;
    }
    if (num_bad_epochs_ > options_.patience) {
        reduce_lr();
        cooldown_counter_ = options_.cooldown;
        num_bad_epochs_ = 0;
    }
    last_lr_ = rates_of(optimizer_);
}

bool ReduceLROnPlateau::is_better(double value) const
{
    const bool is_relative = options_.threshold_mode == ThresholdMode::Rel;
    if (options_.mode == PlateauMode::Min)
        return value
            < (is_relative ? best_ * (1.0 - options_.threshold) : best_ - options_.threshold);
    return value > (is_relative ? best_ * (options_.threshold + 1.0) : best_ + options_.threshold);
}

void ReduceLROnPlateau::reduce_lr()
{
    auto& groups = optimizer_.param_groups();
    if (groups.size() != min_lrs_.size()) { // a group was added since
        const auto* same = std::get_if<double>(&options_.min_lr);
        if (!same)
            throw MisconfigurationError(fmt::format("ReduceLROnPlateau: min_lr has {} entries, the "
                                                    "optimizer {} parameter groups by now; "
                                                    "give one number for all",
                min_lrs_.size(), groups.size()));
        min_lrs_.assign(groups.size(), *same);
    }
    for (size_t i = 0; i < groups.size(); ++i) {
        const auto lowered = std::max(groups[i].lr * options_.factor, min_lrs_[i]);
        if (groups[i].lr - lowered > options_.eps)
            groups[i].lr = lowered;
    }
}

StateTree ReduceLROnPlateau::state_dict() const
{
    const auto* default_min_lr = std::get_if<double>(&options_.min_lr);
    return StateTree::dict({
        {"factor", options_.factor},
        {"default_min_lr", default_min_lr ? StateTree(*default_min_lr) : StateTree()},
        {"min_lrs", list_of_numbers(min_lrs_)},
        {"patience", options_.patience},
        {"cooldown", options_.cooldown},
        {"eps", options_.eps},
        {"last_epoch", last_epoch_},
        {"_last_lr", list_of_numbers(last_lr_)},
        {"mode_worse", worst(options_.mode)},
        {"mode", options_.mode == PlateauMode::Min ? "min" : "max"},
        {"threshold", options_.threshold},
        {"threshold_mode", options_.threshold_mode == ThresholdMode::Rel ? "rel" : "abs"},
        {"best", best_},
        {"cooldown_counter", cooldown_counter_},
        {"num_bad_epochs", num_bad_epochs_},
    });
}

void ReduceLROnPlateau::load_state_dict(const StateTree& state)
{
    auto min_lrs = numbers(state.at("min_lrs"));
    if (min_lrs.size() != min_lrs_.size())
        throw CheckpointError("ReduceLROnPlateau: the saved state is for "
            + std::to_string(min_lrs.size()) + " parameter groups, the optimizer has "
            + std::to_string(min_lrs_.size()));
    auto options = options_;
    options.factor = state.at("factor").to_double();
    options.patience = state.at("patience").to_int();
    options.cooldown = state.at("cooldown").to_int();
    options.eps = state.at("eps").to_double();
    options.mode = state.at("mode").to_string() == "max" ? PlateauMode::Max : PlateauMode::Min;
    options.threshold = state.at("threshold").to_double();
    options.threshold_mode
        = state.at("threshold_mode").to_string() == "abs" ? ThresholdMode::Abs : ThresholdMode::Rel;
    if (const auto& minimum = state.at("default_min_lr"); minimum.is_none())
        options.min_lr = min_lrs;
    else
        options.min_lr = minimum.to_double();
    const auto& best = state.at("best"); // a tensor where a module's step passed one
    best_ = best.is_tensor() ? best.tensor().item<double>() : best.to_double();
    last_epoch_ = state.at("last_epoch").to_int();
    last_lr_ = numbers(state.at("_last_lr"));
    cooldown_counter_ = state.at("cooldown_counter").to_int();
    num_bad_epochs_ = state.at("num_bad_epochs").to_int();
    min_lrs_ = std::move(min_lrs);
    options_ = std::move(options);
}

} // namespace leyden
