// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"
#include "engine/optim/param_group_overrides.h"

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace leyden {

using ParamGroupOverride = ParamGroupOverrides::value_type;

/// Throws MisconfigurationError where a group has no "params", or no pattern that can be read.
void check_pattern(const ParamGroupOverride& group);

/// Lists of parameters: first those whose name no group's pattern matches, then one a group; a name
/// goes to the first group that matches it.
/// Throws: MisconfigurationError for a pattern that matches nothing.
std::vector<std::vector<at::Tensor>> split_parameters(
    const std::vector<std::pair<std::string, at::Tensor>>& parameters,
    const ParamGroupOverrides& groups);

/// The options of a group: the optimizer's, with the group's own in their place.
/// Throws: MisconfigurationError for options that are unknown or wrong.
template <class Options> Options overridden(const Options& options, const ParamGroupOverride& group)
{
    check_pattern(group);
    auto init_args = Json::object();
    for (const auto& option : options_of<Options>().options)
        if (option.name != "param_groups")
            init_args[option.name] = option.get(&options);
    for (const auto& [key, value] : group)
        if (key != "params" && key != "name")
            init_args[key] = Codec<ParamGroupOverride::mapped_type>::write(value, {});
    return read_options<Options>(init_args);
}

/// The option `param_groups`.
template <class Options> void describe_param_groups(OptionTable<Options>& table)
{
    table.add("param_groups", &Options::param_groups, "Options of their own for parameters by name")
        .advanced()
        .details("Each item has \"params\", a regular expression that matches whole names "
                 "(\".*bias\"), and any options of the optimizer, e.g. {\"params\": \".*bias\", "
                 "\"weight_decay\": 0}, and may have a \"name\" for LearningRateMonitor. The first "
                 "item that matches a name counts; parameters that "
                 "none matches take the optimizer's own options.");
    table.check([](const Options& options, OptionClashes& clashes) {
        try {
            for (const auto& group : options.param_groups)
                overridden(options, group);
        } catch (const MisconfigurationError& error) {
            clashes.add("param_groups", error.what());
        }
    });
}

} // namespace leyden
