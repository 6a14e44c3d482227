// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/lr_names.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <set>

namespace leyden {
namespace {

/// How often a class was met under its own name, so that the second gets a number.
using Counts = std::map<std::string, int64_t>;

std::string group_name(const ParamGroup& group, size_t index)
{
    const auto* given = group.options.find("name");
    return given && given->is_string() ? given->to_string() : fmt::format("pg{}", index + 1);
}

std::vector<std::string> names_of(
    const Optimizer& optimizer, const std::string& given, const Counts& counts)
{
    auto base = given.empty() ? "lr-" + optimizer.name() : given;
    const auto& groups = optimizer.param_groups();
    std::set<std::string> seen;
    for (size_t i = 0; i < groups.size(); ++i) {
        if (!seen.insert(group_name(groups[i], i)).second)
            throw MisconfigurationError(
                fmt::format("LearningRateMonitor: two parameter groups of {} have the name '{}'; "
                            "give each its own",
                    base, group_name(groups[i], i)));
    }
    if (const auto count = counts.find(optimizer.name());
        count != counts.end() && count->second > 1)
        base += fmt::format("-{}", count->second - 1);
    std::vector<std::string> names;
    for (size_t i = 0; i < groups.size(); ++i) {
        const bool is_named = groups.size() > 1 || groups[i].options.contains("name");
        names.push_back(is_named ? base + "/" + group_name(groups[i], i) : base);
    }
    return names;
}

} // namespace

std::vector<NamedGroups> lr_names(const std::vector<LRSchedulerConfig>& schedulers,
    const std::vector<std::shared_ptr<Optimizer>>& optimizers)
{
    std::vector<NamedGroups> all;
    Counts counts;
    for (const auto& config : schedulers) {
        const auto& optimizer = config.scheduler->optimizer();
        if (config.name.empty())
            ++counts[optimizer.name()];
        all.push_back({&optimizer, config.interval, names_of(optimizer, config.name, counts)});
    }
    for (const auto& optimizer : optimizers) {
        const bool has_scheduler = std::any_of(all.begin(), all.end(),
            [&](const NamedGroups& known) { return known.optimizer == optimizer.get(); });
        if (has_scheduler)
            continue;
        ++counts[optimizer->name()];
        all.push_back({optimizer.get(), {}, names_of(*optimizer, {}, counts)});
    }
    return all;
}

} // namespace leyden
