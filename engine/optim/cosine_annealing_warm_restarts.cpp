// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/cosine_annealing_warm_restarts.h"

#include "engine/config/check_options.h"
#include "engine/optim/describe_schedule.h"

#include <cmath>
#include <numbers>

namespace leyden {

void describe(OptionTable<CosineAnnealingWarmRestartsOptions>& table)
{
    using T = CosineAnnealingWarmRestartsOptions;
    table.add("T_0", &T::T_0, "Steps of the scheduler until the first restart")
        .required()
        .at_least(1)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("T_mult", &T::T_mult, "How much longer each cycle is than the one before")
        .at_least(1);
    table.add("eta_min", &T::eta_min, "Smallest rate");
    describe_last_epoch(table);
}

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(
    Optimizer& optimizer, const CosineAnnealingWarmRestartsOptions& options)
    : ChainableLRScheduler(optimizer), options_(options), T_i_(options.T_0)
{
    check_options(options);
    initial_step();
}

void CosineAnnealingWarmRestarts::step(std::optional<double>)
{
    if (last_epoch() < 0) {
        T_i_ = options_.T_0;
        T_cur_ = 0;
    } else if (++T_cur_ >= T_i_) {
        T_cur_ %= T_i_;
        T_i_ *= options_.T_mult;
    }
    set_last_epoch(last_epoch() < 0 ? 0 : last_epoch() + 1);
    set_group_lrs(next_lr());
}

std::vector<double> CosineAnnealingWarmRestarts::next_lr() const
{
    const auto eta_min = options_.eta_min;
    auto lrs = base_lrs();
    for (auto& lr : lrs)
        lr = eta_min
            + (lr - eta_min) * (1 + std::cos(std::numbers::pi * double(T_cur_) / double(T_i_))) / 2;
    return lrs;
}

StateTree CosineAnnealingWarmRestarts::settings() const
{
    return StateTree::dict({{"T_0", options_.T_0}, {"T_i", T_i_}, {"T_mult", options_.T_mult},
        {"eta_min", options_.eta_min}, {"T_cur", T_cur_}});
}

void CosineAnnealingWarmRestarts::load_settings(const StateTree& state)
{
    options_.T_0 = state.at("T_0").to_int();
    options_.T_mult = state.at("T_mult").to_int();
    options_.eta_min = state.at("eta_min").to_double();
    T_i_ = state.at("T_i").to_int();
    T_cur_ = state.at("T_cur").to_int();
}

} // namespace leyden
