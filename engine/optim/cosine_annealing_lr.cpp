// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/cosine_annealing_lr.h"

#include "engine/optim/describe_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leyden {

void describe(OptionTable<CosineAnnealingLROptions>& table)
{
    using T = CosineAnnealingLROptions;
    table.add("T_max", &T::T_max, "Steps of the scheduler until the smallest rate")
        .required()
        .at_least(1)
        .details(
            "Epochs, or optimizer steps where interval is \"step\". Usually the run's length.");
    table.add("eta_min", &T::eta_min, "Smallest rate");
    describe_last_epoch(table);
}

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> CosineAnnealingLR::next_lr() const
{
    constexpr auto pi = std::numbers::pi;
    const auto epoch = double(last_epoch());
    const auto T_max = double(options_.T_max);
    const auto eta_min = options_.eta_min;

    auto lrs = group_lrs();
    if (is_initial())
        return lrs;
    lrs.resize(std::min(lrs.size(), base_lrs().size())); // a group added later keeps its rate
    for (size_t i = 0; i < lrs.size(); ++i) {
        auto& lr = lrs[i];
        if (step_count() == 1 && last_epoch() > 0) // attached in the middle of a schedule
            lr = eta_min + (base_lrs()[i] - eta_min) * (1 + std::cos(epoch * pi / T_max)) / 2;
        else if ((last_epoch() - 1 - options_.T_max) % (2 * options_.T_max) == 0) // leaving eta_min
            lr = lr + (base_lrs()[i] - eta_min) * (1 - std::cos(pi / T_max)) / 2;
        else
            lr = (1 + std::cos(pi * epoch / T_max)) / (1 + std::cos(pi * (epoch - 1) / T_max))
                    * (lr - eta_min)
                + eta_min;
    }
    return lrs;
}

std::vector<double> CosineAnnealingLR::closed_form_lr() const
{
    constexpr auto pi = std::numbers::pi;
    const auto eta_min = options_.eta_min;
    auto lrs = base_lrs();
    for (auto& lr : lrs)
        lr = eta_min
            + (lr - eta_min) * (1 + std::cos(pi * double(last_epoch()) / double(options_.T_max)))
                / 2;
    return lrs;
}

} // namespace leyden
