// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/step_lr.h"

#include "engine/optim/describe_schedule.h"

#include <cmath>

namespace leyden {

void describe(OptionTable<StepLROptions>& table)
{
    using T = StepLROptions;
    table.add("step_size", &T::step_size, "Steps of the scheduler between two decays")
        .required()
        .at_least(1)
        .details("Epochs, or optimizer steps where interval is \"step\".");
    table.add("gamma", &T::gamma, "Factor of each decay");
    describe_last_epoch(table);
}

StepLR::StepLR(Optimizer& optimizer, const StepLROptions& options)
    : DescribedLRScheduler(optimizer, options)
{
    initial_step();
}

std::vector<double> StepLR::next_lr() const
{
    auto lrs = group_lrs();
    if (last_epoch() != 0 && last_epoch() % options_.step_size == 0)
        for (auto& lr : lrs)
            lr *= options_.gamma;
    return lrs;
}

std::vector<double> StepLR::closed_form_lr() const
{
    return base_lrs_times(std::pow(options_.gamma, double(last_epoch() / options_.step_size)));
}

} // namespace leyden
