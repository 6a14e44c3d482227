// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/momentum_cycle.h"

#include "engine/core/errors.h"

namespace leyden {

bool uses_beta1(const Optimizer& optimizer, const char* scheduler)
{
    const auto& options = optimizer.param_groups().front().options;
    if (!options.contains("momentum") && !options.contains("betas"))
        throw MisconfigurationError(std::string(scheduler) + ": " + optimizer.name()
            + " has neither momentum nor betas; set cycle_momentum to false");
    return options.contains("betas");
}

void set_momentum(ParamGroup& group, double momentum)
{
    const auto* betas = group.options.find("betas");
    if (!betas)
        return group.options.set("momentum", momentum);
    auto items = betas->items();
    items.front() = momentum;
    group.options.set("betas", StateTree::tuple(std::move(items)));
}

void note_momentums(Optimizer& optimizer, const std::vector<double>& base_momentums,
    const std::vector<double>& max_momentums)
{
    auto& groups = optimizer.param_groups();
    for (size_t i = 0; i < groups.size(); ++i) {
        set_momentum(groups[i], max_momentums[i]);
        groups[i].options.set("max_momentum", max_momentums[i]);
        groups[i].options.set("base_momentum", base_momentums[i]);
    }
}

} // namespace leyden
