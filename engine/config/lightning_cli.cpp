// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/lightning_cli.h"

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/config/run_config_table.h"
#include "engine/config/trainer_options.h"

#include <algorithm>
#include <random>
#include <string_view>

namespace leyden {

namespace {

using Rules = std::vector<ValueRule>;

/// Packages below which a kind's classes are, in modules of any depth.
std::vector<std::string_view> packages_of(ComponentKind kind)
{
    switch (kind) {
    case ComponentKind::Callback:
        return {"lightning.pytorch.callbacks", "pytorch_lightning.callbacks"};
    case ComponentKind::Logger:
        return {"lightning.pytorch.loggers", "pytorch_lightning.loggers"};
    case ComponentKind::Profiler:
        return {"lightning.pytorch.profilers", "pytorch_lightning.profilers"};
    case ComponentKind::Strategy:
        return {"lightning.pytorch.strategies", "pytorch_lightning.strategies"};
    case ComponentKind::Precision:
        return {"lightning.pytorch.plugins", "pytorch_lightning.plugins",
            "lightning.fabric.plugins.environments", "lightning_fabric.plugins.environments"};
    case ComponentKind::Optimizer:
        return {"torch.optim"};
    case ComponentKind::LRScheduler:
        return {"torch.optim.lr_scheduler", "lightning.pytorch.cli", "pytorch_lightning.cli"};
    case ComponentKind::Model:
    case ComponentKind::Data:
        break; // classes of a user's own
    }
    return {};
}

bool is_below(std::string_view module, std::string_view package)
{
    return module.starts_with(package)
        && (module.size() == package.size() || module[package.size()] == '.');
}

const std::vector<std::string> sections = {"fit", "validate", "test", "predict"};

void take_class(ComponentKind kind, Json& class_path, const Registry& registry)
{
    if (class_path.is_string())
        class_path = our_class(kind, class_path.get<std::string>(), registry);
}

/// LightningCLI's ReduceLROnPlateau has the metric among its arguments.
void take_monitor(Json& scheduler)
{
    if (scheduler["class_path"] != "ReduceLROnPlateau" || !scheduler.contains("init_args"))
        return;
    auto& arguments = scheduler["init_args"];
    if (!arguments.is_object() || !arguments.contains("monitor") || scheduler.contains("monitor"))
        return;
    scheduler["monitor"] = arguments["monitor"];
    scheduler["init_args"].erase("monitor");
}

/// Arguments that jsonargparse found no signature for; they are passed on like the others.
void take_dict_kwargs(Json& component)
{
    if (!component.contains("dict_kwargs") || !component["dict_kwargs"].is_object())
        return;
    const auto more = component["dict_kwargs"];
    auto arguments
        = component.contains("init_args") ? component["init_args"] : Json(Json::object());
    if (!arguments.is_object())
        return;
    for (const auto& [key, value] : more.items())
        if (!arguments.contains(key))
            arguments[key] = value;
    component.erase("dict_kwargs");
    if (!arguments.empty() || component.contains("init_args"))
        component["init_args"] = std::move(arguments);
}

/// Arguments of Lightning's and torch's classes that only Python has a use for, as LightningCLI
/// writes them all. Most are functions, and left out where there is none.
struct PythonArgument
{
    ComponentKind kind;
    std::string_view class_path;
    std::string_view argument;
    bool is_any = false; ///< left out whatever it is
};

constexpr PythonArgument python_arguments[] = {
    {ComponentKind::Callback, "StochasticWeightAveraging", "avg_fn"},
    {ComponentKind::Callback, "ThroughputMonitor", "length_fn"},
    {ComponentKind::Callback, "RichProgressBar", "theme", true}, // how it looks there
    {ComponentKind::Callback, "RichProgressBar", "console_kwargs", true},
    {ComponentKind::LRScheduler, "CyclicLR", "scale_fn"},
    {ComponentKind::LRScheduler, "CyclicLR", "scale_mode", true}, // of scale_fn
};

void leave_out_python_arguments(ComponentKind kind, Json& component)
{
    auto& arguments = component["init_args"];
    for (const auto& [of_kind, class_path, argument, is_any] : python_arguments) {
        if (kind != of_kind || component["class_path"] != class_path)
            continue;
        const auto found = arguments.find(std::string(argument));
        if (found != arguments.end() && (is_any || found->is_null()))
            arguments.erase(found);
    }
}

class Names
{
public:
    explicit Names(const Registry& registry) : registry_(registry) { }

    void object(Json& object, const std::vector<Option>& options)
    {
        for (const Option& option : options)
            if (const auto found = object.find(option.name); found != object.end())
                value(*found, option.types);
    }

private:
    void value(Json& value, const Rules& rules)
    {
        for (const ValueRule& rule : rules) {
            if (rule.type == ValueType::Section && value.is_object())
                return object(value, rule.section->options);
            if (rule.type == ValueType::Component && !value.is_array())
                return component(*rule.kind, value, has_choice(rules, value));
            if (rule.type == ValueType::List && value.is_array())
                for (Json& item : value)
                    this->value(item, rule.items);
        }
    }

    static bool has_choice(const Rules& rules, const Json& value)
    {
        return std::any_of(rules.begin(), rules.end(), [&](const ValueRule& rule) {
            return std::find(rule.choices.begin(), rule.choices.end(), value) != rule.choices.end();
        });
    }

    void component(ComponentKind kind, Json& value, bool is_choice)
    {
        if (value.is_string() && !is_choice)
            take_class(kind, value, registry_);
        if (!value.is_object() || !value.contains("class_path"))
            return;
        take_class(kind, value["class_path"], registry_);
        take_dict_kwargs(value);
        if (kind == ComponentKind::LRScheduler)
            take_monitor(value);
        if (!value["class_path"].is_string() || !value.contains("init_args")
            || !value["init_args"].is_object())
            return;
        leave_out_python_arguments(kind, value);
        if (const auto* info = registry_.find(kind, value["class_path"].get<std::string>()))
            object(value["init_args"], info->options);
    }

    const Registry& registry_;
};

/// `true` and `null` in LightningCLI: PL_GLOBAL_SEED, else 0; `false`: another one every time.
void take_seed(Json& document)
{
    const auto seed = document.find("seed_everything");
    if (seed == document.end() || !(seed->is_boolean() || seed->is_null()))
        return;
    if (seed->is_null() || seed->get<bool>())
        document.erase("seed_everything");
    else
        *seed = std::random_device()();
}

void leave_out_what_only_python_needs(Json& document)
{
    for (const char* key : {"weights_only", "verbose", "return_predictions"}) {
        const auto found = document.find(key);
        if (found != document.end() && (found->is_boolean() || found->is_null()))
            document.erase(key);
    }
}

} // namespace

std::string our_class(ComponentKind kind, const std::string& class_path, const Registry& registry)
{
    const auto dot = class_path.rfind('.');
    if (dot == std::string::npos || registry.find(kind, class_path))
        return class_path;
    const auto module = std::string_view(class_path).substr(0, dot);
    const auto packages = packages_of(kind);
    const bool is_known = std::any_of(packages.begin(), packages.end(),
        [&](std::string_view package) { return is_below(module, package); });
    auto name = class_path.substr(dot + 1);
    return is_known && registry.find(kind, name) ? name : class_path;
}

CliSection cli_section(const std::vector<std::string>& keys, const std::string& verb)
{
    const auto contains = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::string found;
    for (const auto& section : sections)
        if (contains(keys, section))
            found += (found.empty() ? "\"" : ", \"") + section + "\"";
    if (found.empty())
        return {};
    for (const auto& key : keys)
        if (!contains(sections, key) && key != "subcommand")
            return {{},
                "\"" + key + "\" is beside the section " + found
                    + "; expected it inside of the section, or a config without sections"};
    if (contains(keys, verb))
        return {verb, {}};
    if (contains(keys, "fit"))
        return {"fit", {}};
    return {{}, "found " + found + ", expected a section \"" + verb + "\""};
}

void take_lightning_cli(Json& document, const Registry& registry)
{
    static const auto options = options_of<RunConfig>().options;
    if (!document.is_object())
        return;
    take_seed(document);
    leave_out_what_only_python_needs(document);
    Names(registry).object(document, options);
}

} // namespace leyden
