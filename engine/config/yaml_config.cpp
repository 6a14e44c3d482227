// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/yaml_config.h"

#include "engine/config/config_problem.h"
#include "engine/config/lightning_cli.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/config/run_config_table.h"
#include "engine/config/yaml_scalar.h"

#include <algorithm>
#include <optional>

namespace leyden {

namespace {

using Rules = std::vector<ValueRule>;
using Kind = YamlValue::Kind;
using Type = YamlValue::Type;

const ValueRule* find_rule(const Rules& rules, ValueType type)
{
    const auto found = std::find_if(
        rules.begin(), rules.end(), [&](const ValueRule& rule) { return rule.type == type; });
    return found == rules.end() ? nullptr : &*found;
}

bool is_choice(const Rules& rules, const std::string& text)
{
    return std::any_of(rules.begin(), rules.end(), [&](const ValueRule& rule) {
        return rule.type == ValueType::String
            && std::find(rule.choices.begin(), rule.choices.end(), Json(text))
            != rule.choices.end();
    });
}

/// A plain scalar where the option takes these values.
Json open_scalar(const std::string& text, const Rules& rules)
{
    const auto takes = [&](ValueType type) { return find_rule(rules, type) != nullptr; };
    if (is_choice(rules, text))
        return text;
    if (takes(ValueType::Null) && is_yaml_null(text))
        return nullptr;
    if (takes(ValueType::Bool))
        if (const auto flag = yaml_bool(text))
            return *flag;
    if (takes(ValueType::Int) || takes(ValueType::Float))
        if (auto number = yaml_int(text))
            return *number;
    if (takes(ValueType::Float))
        if (auto number = yaml_float(text))
            return *number;
    // No class is called null, as LightningCLI writes "optimizer: null".
    const bool takes_class = takes(ValueType::Component) && !is_yaml_null(text);
    if (!text.empty() && (takes(ValueType::String) || takes_class))
        return text;
    return yaml_guess(text);
}

Json scalar(const YamlValue& value, const Rules& rules)
{
    const auto& text = value.text;
    switch (value.type) {
    case Type::Open:
        return open_scalar(text, rules);
    case Type::Text:
        return text;
    case Type::Null:
        return nullptr;
    case Type::Bool:
        if (const auto flag = yaml_bool(text))
            return *flag;
        return text;
    case Type::Int:
        return yaml_int(text).value_or(text);
    case Type::Float:
        if (auto number = yaml_float(text))
            return *number;
        return yaml_int(text).value_or(text);
    }
    return text;
}

class Typing
{
public:
    explicit Typing(const Registry& registry) : registry_(registry) { }

    Json object(const YamlValue& map, const std::vector<const std::vector<Option>*>& sets,
        const std::string& pointer)
    {
        auto object = Json::object();
        for (const auto& entry : map.entries) {
            const auto place = pointer_to(pointer, entry.key);
            lines[place] = entry.line;
            object[entry.key] = value(*entry.value, rules_of(sets, entry.key), place);
        }
        return object;
    }

    Json value(const YamlValue& value, const Rules& rules, const std::string& pointer)
    {
        switch (value.kind) {
        case Kind::Scalar:
            return scalar(value, rules);
        case Kind::List:
            return list(value, rules, pointer);
        case Kind::Map:
            return map(value, rules, pointer);
        }
        return {};
    }

    ConfigLines lines;

private:
    static const Rules& none()
    {
        static const Rules rules;
        return rules;
    }

    static const Rules& rules_of(
        const std::vector<const std::vector<Option>*>& sets, const std::string& name)
    {
        for (const auto* options : sets)
            for (const Option& option : *options)
                if (option.name == name)
                    return option.types;
        return none();
    }

    Json list(const YamlValue& list, const Rules& rules, const std::string& pointer)
    {
        const auto* rule = find_rule(rules, ValueType::List);
        const auto& of_items = rule ? rule->items : none();
        auto items = Json::array();
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            const auto place = pointer_to(pointer, std::to_string(i));
            lines[place] = list.items[i]->line;
            items.push_back(value(*list.items[i], of_items, place));
        }
        return items;
    }

    Json map(const YamlValue& map, const Rules& rules, const std::string& pointer)
    {
        if (const auto* rule = find_rule(rules, ValueType::Section))
            return object(map, {&rule->section->options}, pointer);
        const auto class_path = std::find_if(map.entries.begin(), map.entries.end(),
            [](const YamlEntry& entry) { return entry.key == "class_path"; });
        const auto* component = find_rule(rules, ValueType::Component);
        if (component && class_path != map.entries.end())
            return this->component(*component->kind, map, class_path->value->text, pointer);
        const auto* named = find_rule(rules, ValueType::Map);
        const auto& of_values = named ? named->items : none();
        auto object = Json::object();
        for (const auto& entry : map.entries) {
            const auto place = pointer_to(pointer, entry.key);
            lines[place] = entry.line;
            object[entry.key] = value(*entry.value, of_values, place);
        }
        return object;
    }

    Json component(ComponentKind kind, const YamlValue& map, const std::string& class_path,
        const std::string& pointer)
    {
        static const auto beside_scheduler = options_of<LRSchedulerOptions>().options;
        static const std::vector<Option> none;
        const auto* info = registry_.find(kind, our_class(kind, class_path, registry_));
        const auto& arguments = info ? info->options : none;
        const auto& beside = kind == ComponentKind::LRScheduler ? beside_scheduler : none;
        auto object = Json::object();
        for (const auto& entry : map.entries) {
            const auto place = pointer_to(pointer, entry.key);
            lines[place] = entry.line;
            const bool has_arguments = entry.key == "init_args" || entry.key == "dict_kwargs";
            if (entry.key == "class_path" && entry.value->kind == Kind::Scalar)
                object[entry.key] = entry.value->text;
            else if (has_arguments && entry.value->kind == Kind::Map)
                object[entry.key] = this->object(*entry.value, {&arguments, &beside}, place);
            else
                object[entry.key]
                    = value(*entry.value, rules_of({&beside, &arguments}, entry.key), place);
        }
        return object;
    }

    const Registry& registry_;
};

} // namespace

ConfigText typed_config(const YamlNode& document, const Registry& registry)
{
    static const auto options = options_of<RunConfig>().options;
    Typing typing(registry);
    ConfigText text;
    if (document->kind == Kind::Map)
        text.document = typing.object(*document, {&options}, "");
    else // an error, whatever is in it
        text.document = document->kind == Kind::List ? Json::array() : yaml_guess(document->text);
    text.lines = std::move(typing.lines);
    return text;
}

Json typed_value(
    const YamlNode& value, const std::vector<ValueRule>& rules, const Registry& registry)
{
    return Typing(registry).value(*value, rules, "");
}

} // namespace leyden
