// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_schema.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/config/run_config_table.h"

namespace leyden {

namespace {

constexpr ComponentKind all_kinds[]
    = {ComponentKind::Model, ComponentKind::Data, ComponentKind::Optimizer,
        ComponentKind::LRScheduler, ComponentKind::Callback, ComponentKind::Logger,
        ComponentKind::Profiler, ComponentKind::Strategy, ComponentKind::Precision};

Json component_schema(const ComponentInfo& info)
{
    auto schema = Json::object();
    schema["type"] = "object";
    schema["title"] = info.name;
    schema["description"] = info.help;
    schema["required"] = Json::array({"class_path"});
    schema["additionalProperties"] = false;
    auto& properties = schema["properties"] = Json::object();
    properties["class_path"]["const"] = info.name;
    auto arguments = object_schema(info.options);
    if (arguments.contains("required"))
        schema["required"].push_back("init_args");
    schema["properties"]["init_args"] = std::move(arguments);
    if (info.kind == ComponentKind::LRScheduler) {
        for (const Option& option : options_of<LRSchedulerOptions>().options)
            schema["properties"][option.name] = option_schema(option);
    }
    return schema;
}

} // namespace

Json run_config_schema(const Registry& registry)
{
    auto schema = Json::object();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "Leyden run config";
    const auto root = object_schema(options_of<RunConfig>().options);
    for (const auto& [key, value] : root.items())
        schema[key] = value;
    auto defs = Json::object();
    for (const auto kind : all_kinds) {
        const std::string name = kind_name(kind);
        auto names = Json::object();
        names["type"] = "string";
        names["enum"] = Json::array();
        auto variants = Json::array();
        auto components = Json::object();
        for (const auto* info : registry.all(kind)) {
            names["enum"].push_back(info->name);
            auto reference = Json::object();
            reference["$ref"] = "#/$defs/" + name + "." + info->name;
            variants.push_back(std::move(reference));
            components[name + "." + info->name] = component_schema(*info);
        }
        variants.insert(variants.begin(), std::move(names));
        defs[name]["x-kind"] = name;
        defs[name]["anyOf"] = std::move(variants);
        for (const auto& [key, value] : components.items())
            defs[key] = value;
    }
    schema["$defs"] = std::move(defs);
    return schema;
}

} // namespace leyden
