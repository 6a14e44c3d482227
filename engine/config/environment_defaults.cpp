// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/environment_defaults.h"

#include "engine/config/json_text.h"
#include "engine/config/python_literal.h"
#include "engine/config/registry.h"
#include "engine/config/trainer_options.h"
#include "engine/config/yaml_config.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace leyden {

namespace {

std::string variable_of(const std::string& prefix, const std::string& argument)
{
    std::string name = prefix + argument;
    std::transform(name.begin(), name.end(), name.begin(),
        [](unsigned char c) { return char(std::toupper(c)); });
    return name;
}

/// What a variable says; nothing where it is unset or empty.
std::optional<Json> said(const std::string& variable)
{
    const char* text = std::getenv(variable.c_str());
    if (!text || !*text)
        return std::nullopt;
    if (auto value = parse_python_literal(text))
        return value;
    return is_utf8(text) ? Json(text) : Json("text that is not UTF-8");
}

/// What a variable of LightningCLI says, in YAML.
std::optional<Json> said_in_yaml(const std::string& variable, const std::vector<ValueRule>& rules)
{
    const char* text = std::getenv(variable.c_str());
    if (!text || !*text)
        return std::nullopt;
    const auto yaml = parse_yaml(text);
    return yaml.document ? typed_value(yaml.document, rules, Registry()) : said(variable);
}

} // namespace

EnvironmentDefaults apply_environment(Json& document)
{
    EnvironmentDefaults variables;
    if (!document.is_object())
        return variables;
    if (!document.contains("seed_everything")) {
        if (auto seed = said("PL_GLOBAL_SEED")) {
            document["seed_everything"] = std::move(*seed);
            variables["/seed_everything"] = "PL_GLOBAL_SEED";
        }
    }
    if (document.contains("trainer") && !document["trainer"].is_object())
        return variables; // wrong anyway
    for (const auto& option : options_of<TrainerOptions>().options) {
        if (document.contains("trainer") && document["trainer"].contains(option.name))
            continue;
        auto variable = variable_of("PL_TRAINER_", option.name);
        auto value = said(variable);
        if (!value) {
            variable = variable_of("PL_TRAINER__", option.name);
            value = said_in_yaml(variable, option.types);
        }
        if (value) {
            document["trainer"][option.name] = std::move(*value);
            variables[pointer_to("/trainer", option.name)] = variable;
        }
    }
    return variables;
}

void name_variables(std::vector<ConfigProblem>& problems, const EnvironmentDefaults& variables)
{
    for (auto& problem : problems) {
        for (const auto& [pointer, variable] : variables) {
            if (problem.pointer == pointer || problem.pointer.starts_with(pointer + "/"))
                problem.message += "; it comes from the environment variable " + variable;
        }
    }
}

} // namespace leyden
