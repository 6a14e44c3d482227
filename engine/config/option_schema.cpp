// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_schema.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace leyden {

namespace {

Json merged(const std::vector<ValueRule>& rules);

/// Whole limits without a decimal point, as people write them.
Json limit(double value)
{
    if (value == std::floor(value) && std::abs(value) < 1e15)
        return static_cast<int64_t>(value);
    return value;
}

Json typed(const char* type)
{
    auto schema = Json::object();
    schema["type"] = type;
    return schema;
}

void add_bounds(Json& schema, const ValueRule& rule)
{
    if (rule.minimum)
        schema["minimum"] = limit(*rule.minimum);
    if (rule.exclusive_minimum)
        schema["exclusiveMinimum"] = limit(*rule.exclusive_minimum);
    if (rule.maximum)
        schema["maximum"] = limit(*rule.maximum);
    if (rule.exclusive_maximum)
        schema["exclusiveMaximum"] = limit(*rule.exclusive_maximum);
}

void add_sizes(Json& schema, const ValueRule& rule, const char* least, const char* most)
{
    if (rule.min_size > 0)
        schema[least] = rule.min_size;
    if (rule.max_size != std::numeric_limits<std::size_t>::max())
        schema[most] = rule.max_size;
}

/// Those of the texts for numbers without digits that the bounds leave.
Json non_finite_texts(const ValueRule& rule)
{
    const bool is_bounded_below = rule.minimum || rule.exclusive_minimum;
    const bool is_bounded_above = rule.maximum || rule.exclusive_maximum;
    auto texts = Json::array();
    for (const std::string& text : rule.non_finite) {
        const bool is_out
            = (text != "Infinity" && is_bounded_below) || (text != "-Infinity" && is_bounded_above);
        if (!is_out)
            texts.push_back(text);
    }
    return texts;
}

Json map_schema(const ValueRule& rule)
{
    auto schema = typed("object");
    if (!rule.keys.empty())
        schema["propertyNames"]["enum"] = rule.keys;
    schema["additionalProperties"] = merged(rule.items);
    add_sizes(schema, rule, "minProperties", "maxProperties");
    return schema;
}

Json scalar_schema(const ValueRule& rule)
{
    auto schema = typed(rule.type == ValueType::Int ? "integer" : "string");
    add_bounds(schema, rule);
    if (!rule.choices.empty())
        schema["enum"] = rule.choices;
    if (!rule.excluded.empty())
        schema["not"]["enum"] = rule.excluded;
    if (!rule.pattern.empty())
        schema["pattern"] = "^(?:" + rule.pattern + ")$";
    if (rule.type == ValueType::String)
        add_sizes(schema, rule, "minLength", "maxLength");
    return schema;
}

void add_alternatives(std::vector<Json>& schemas, const ValueRule& rule)
{
    switch (rule.type) {
    case ValueType::Null:
        schemas.push_back(typed("null"));
        return;
    case ValueType::Bool:
        schemas.push_back(typed("boolean"));
        return;
    case ValueType::Int:
    case ValueType::String:
        schemas.push_back(scalar_schema(rule));
        return;
    case ValueType::Float: {
        schemas.push_back(typed("number"));
        add_bounds(schemas.back(), rule);
        if (auto texts = non_finite_texts(rule); !texts.empty()) {
            schemas.push_back(typed("string"));
            schemas.back()["enum"] = std::move(texts);
        }
        return;
    }
    case ValueType::List:
        schemas.push_back(typed("array"));
        schemas.back()["items"] = merged(rule.items);
        add_sizes(schemas.back(), rule, "minItems", "maxItems");
        return;
    case ValueType::Map:
        schemas.push_back(map_schema(rule));
        return;
    case ValueType::Component: {
        auto reference = Json::object();
        reference["$ref"] = std::string("#/$defs/") + kind_name(*rule.kind);
        schemas.push_back(std::move(reference));
        return;
    }
    case ValueType::Section:
        schemas.push_back(object_schema(rule.section->options));
        return;
    }
}

Json without_type(Json schema)
{
    schema.erase("type");
    return schema;
}

/// One schema for all alternatives: a list of types where they differ in nothing else, else anyOf.
Json merged(const std::vector<ValueRule>& rules)
{
    std::vector<Json> schemas;
    for (const ValueRule& rule : rules)
        if (rule.is_available)
            add_alternatives(schemas, rule);
    const auto null = std::find(schemas.begin(), schemas.end(), typed("null"));
    const bool is_nullable = null != schemas.end();
    if (is_nullable)
        schemas.erase(null);

    const bool is_alike = std::all_of(schemas.begin(), schemas.end(), [&](const Json& schema) {
        return schema.contains("type") && without_type(schema) == without_type(schemas.front());
    });
    if (!is_alike || schemas.empty()) {
        if (schemas.size() == 1 && !is_nullable)
            return schemas.front();
        if (is_nullable)
            schemas.push_back(typed("null"));
        auto schema = Json::object();
        schema["anyOf"] = schemas;
        return schema;
    }
    auto schema = schemas.front();
    auto types = Json::array();
    for (const Json& alternative : schemas)
        types.push_back(alternative["type"]);
    if (is_nullable) {
        types.push_back("null");
        if (schema.contains("enum"))
            schema["enum"].push_back(nullptr);
    }
    schema["type"] = types.size() == 1 ? types.front() : types;
    return schema;
}

Json dependencies(const Option& option)
{
    auto list = Json::array();
    for (const OptionDependency& dependency : option.depends) {
        auto entry = Json::object();
        entry["option"] = dependency.option;
        if (dependency.value)
            entry["value"] = *dependency.value;
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace

Json option_schema(const Option& option)
{
    auto schema = Json::object();
    schema["description"] = option.help;
    const auto rules = merged(option.types);
    for (const auto& [key, value] : rules.items())
        schema[key] = value;
    if (!option.is_available) {
        schema["enum"] = Json::array({option.default_value});
        for (const Json& value : option.same_as_default)
            schema["enum"].push_back(value);
    }
    const bool is_section = option.types.front().type == ValueType::Section;
    if (!option.is_required && !is_section)
        schema["default"] = option.default_value;
    if (!option.group.empty())
        schema["x-group"] = option.group;
    schema["x-tier"] = option.is_advanced ? "advanced" : "basic";
    if (!option.unit.empty())
        schema["x-unit"] = option.unit;
    if (!option.details.empty())
        schema["x-details"] = option.details;
    if (!option.depends.empty())
        schema["x-depends"] = dependencies(option);
    if (option.is_input_path)
        schema["x-path"] = true;
    if (option.names_of != NamesOf::Nothing)
        schema["x-names"] = option.names_of == NamesOf::Metrics ? "metrics" : "columns";
    if (!option.is_available)
        schema["x-available"] = false;
    return schema;
}

Json object_schema(const std::vector<Option>& options)
{
    auto schema = typed("object");
    schema["additionalProperties"] = false;
    schema["properties"] = Json::object();
    auto required = Json::array();
    for (const Option& option : options) {
        schema["properties"][option.name] = option_schema(option);
        if (option.is_required)
            required.push_back(option.name);
    }
    if (!required.empty())
        schema["required"] = std::move(required);
    return schema;
}

} // namespace leyden
