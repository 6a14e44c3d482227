// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/run_config.h"

#include <memory>

namespace leyden {

// How the parts of a RunConfig that are no option types are written.

template <> struct Codec<TrainerOptions>
{
    using Leaf = TrainerOptions;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        add_rule(rules, ValueType::Section);
        rules.back().section = std::make_shared<OptionSet>(options_of<TrainerOptions>());
    }
    static TrainerOptions read(const Json& json, const EnumNames&)
    {
        return OptionTable<TrainerOptions>::assigned(options_of<TrainerOptions>().options, json);
    }
    static Json write(const TrainerOptions& value, const EnumNames&)
    {
        auto json = Json::object();
        for (const Option& option : options_of<TrainerOptions>().options)
            json[option.name] = option.get(&value);
        return json;
    }
};

template <> struct Codec<LRSchedulerOptions>
{
    using Leaf = ComponentConfig;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        add_rule(rules, ValueType::Component);
        rules.back().kind = ComponentKind::LRScheduler;
    }
    static LRSchedulerOptions read(const Json& json, const EnumNames& names)
    {
        auto value = OptionTable<LRSchedulerOptions>::assigned(
            options_of<LRSchedulerOptions>().options, json);
        value.scheduler = Codec<ComponentConfig>::read(json, names);
        return value;
    }
    static Json write(const LRSchedulerOptions& value, const EnumNames& names)
    {
        auto json = Codec<ComponentConfig>::write(value.scheduler, names);
        for (const Option& option : options_of<LRSchedulerOptions>().options)
            json[option.name] = option.get(&value);
        return json;
    }
};

void describe(OptionTable<RunConfig>& table);

} // namespace leyden
