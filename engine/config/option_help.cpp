// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_help.h"

#include "engine/config/json_text.h"
#include "engine/config/option_check.h"
#include "engine/config/option_schema.h"
#include "engine/config/run_config_table.h"

namespace leyden {

namespace {

/// What stands in brackets behind the name.
std::string facts(const Option& option)
{
    const bool is_section = option.types.front().type == ValueType::Section;
    auto text = expected_text(option.types);
    if (!option.unit.empty())
        text += "; unit: " + option.unit;
    if (option.is_required)
        text += "; required";
    else if (!is_section)
        text += "; default " + shown(option.default_value);
    if (option.is_input_path)
        text += "; a relative path is looked for beside the config file";
    if (!option.is_available)
        text += "; not available yet";
    return text;
}

} // namespace

std::string option_help_table(const std::vector<Option>& options)
{
    std::string text;
    std::string group;
    for (const Option& option : options) {
        if (option.group != group) {
            group = option.group;
            text += (text.empty() ? "" : "\n") + group + "\n";
        }
        text += "  " + option.name + " (" + facts(option) + ")\n";
        text += "      " + option.help + "\n";
        if (!option.details.empty())
            text += "      " + option.details + "\n";
    }
    return text;
}

std::string component_help(const ComponentInfo& info)
{
    return info.name + ": " + info.help + "\n" + option_help_table(info.options);
}

Json component_json(const ComponentInfo& info)
{
    auto json = Json::object();
    json["kind"] = kind_name(info.kind);
    json["name"] = info.name;
    json["help"] = info.help;
    json["options"] = Json::array();
    for (const Option& option : info.options) {
        auto entry = Json::object();
        entry["name"] = option.name;
        const auto schema = option_schema(option);
        for (const auto& [key, value] : schema.items())
            entry[key] = value;
        entry["required"] = option.is_required;
        json["options"].push_back(std::move(entry));
    }
    return json;
}

std::vector<Option> trainer_option_list()
{
    return options_of<TrainerOptions>().options;
}

std::vector<Option> run_config_option_list()
{
    return options_of<RunConfig>().options;
}

} // namespace leyden
