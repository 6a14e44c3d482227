// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/schema_reader.h"

#include "widgets/config/json_pointer.h"

#include <algorithm>

namespace leyden::ui {

namespace {

QString textOf(const Json& schema, const char* key)
{
    const auto found = schema.find(key);
    return found != schema.end() && found->is_string()
        ? toQString(found->get_ref<const std::string&>())
        : QString();
}

bool isTrue(const Json& schema, const char* key, bool otherwise)
{
    const auto found = schema.find(key);
    return found != schema.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

std::optional<double> numberOf(const Json& schema, const char* key)
{
    const auto found = schema.find(key);
    return found != schema.end() && found->is_number() ? std::optional(found->get<double>())
                                                       : std::nullopt;
}

ValueKind kindOf(std::string_view type)
{
    constexpr std::pair<std::string_view, ValueKind> kinds[] = {{"null", ValueKind::Null},
        {"boolean", ValueKind::Bool}, {"integer", ValueKind::Int}, {"number", ValueKind::Float},
        {"string", ValueKind::Text}, {"array", ValueKind::List}, {"object", ValueKind::Map}};
    for (const auto& [name, kind] : kinds) {
        if (name == type)
            return kind;
    }
    return ValueKind::Other;
}

bool fitsKind(const Json& value, ValueKind kind)
{
    switch (kind) {
    case ValueKind::Null:
        return value.is_null();
    case ValueKind::Bool:
        return value.is_boolean();
    case ValueKind::Int:
        return value.is_number_integer();
    case ValueKind::Float:
        return value.is_number();
    case ValueKind::Text:
        return value.is_string();
    default:
        return false;
    }
}

/// The type that an enum without "type" has, where all of its values agree.
const char* typeOfChoices(const Json& schema)
{
    const auto& choices = schema.contains("const") ? schema["const"] : schema["enum"];
    const auto& first = choices.is_array() && !choices.empty() ? choices.front() : choices;
    return first.is_string() ? "string"
        : first.is_boolean() ? "boolean"
        : first.is_number()  ? "number"
                             : "null";
}

std::vector<OptionDependency> dependsOf(const Json& schema)
{
    std::vector<OptionDependency> depends;
    const auto found = schema.find("x-depends");
    if (found == schema.end())
        return depends;
    const auto list = found->is_array() ? *found : Json::array({*found});
    for (const auto& entry : list) {
        if (!entry.is_object())
            continue;
        depends.push_back({textOf(entry, "option"), std::nullopt});
        if (entry.contains("value"))
            depends.back().value = entry["value"];
    }
    return depends;
}

} // namespace

SchemaReader::SchemaReader(const Json& document) : m_document(document) { }

const Json* SchemaReader::resolved(const Json& schema) const
{
    const auto reference = textOf(schema, "$ref");
    return reference.startsWith(QLatin1Char('#'))
        ? findValue(m_document, pointerTokens(reference.mid(1)))
        : nullptr;
}

std::vector<OptionSchema> SchemaReader::options(const Json& objectSchema) const
{
    return optionsAt(objectSchema, 0);
}

std::vector<OptionSchema> SchemaReader::optionsAt(const Json& objectSchema, int depth) const
{
    std::vector<OptionSchema> options;
    const auto properties = objectSchema.find("properties");
    if (properties == objectSchema.end() || !properties->is_object())
        return options;
    for (const auto& [key, schema] : properties->items()) {
        if (!schema.is_object())
            continue;
        options.push_back(option(toQString(key), schema, depth));
        const auto required = objectSchema.find("required");
        options.back().isRequired = required != objectSchema.end()
            && std::find(required->begin(), required->end(), Json(key)) != required->end();
    }
    return options;
}

OptionSchema SchemaReader::option(const QString& name, const Json& schema, int depth) const
{
    OptionSchema option;
    option.name = name;
    option.help = textOf(schema, "description");
    option.details = textOf(schema, "x-details");
    option.unit = textOf(schema, "x-unit");
    option.group = textOf(schema, "x-group");
    option.isAdvanced = textOf(schema, "x-tier") == QLatin1String("advanced");
    option.isPath = isTrue(schema, "x-path", false);
    option.namesOf = textOf(schema, "x-names");
    option.isAvailable = isTrue(schema, "x-available", true);
    option.depends = dependsOf(schema);
    if (schema.contains("default"))
        option.defaultValue = schema["default"];
    addAlternatives(option.alternatives, schema, depth);
    if (option.takes(ValueKind::Section))
        option.section = optionsAt(schema, depth + 1);
    return option;
}

void SchemaReader::addAlternatives(
    std::vector<ValueAlternative>& alternatives, const Json& schema, int depth) const
{
    if (depth > maxDepth || !schema.is_object())
        return;
    if (const auto* target = resolved(schema)) {
        const auto kind = textOf(*target, "x-kind");
        if (kind.isEmpty())
            return addAlternatives(alternatives, *target, depth + 1);
        ValueAlternative component;
        component.kind = ValueKind::Component;
        component.component = kind;
        alternatives.push_back(std::move(component));
        return;
    }
    for (const char* key : {"anyOf", "oneOf"}) {
        if (!schema.contains(key))
            continue;
        for (const auto& alternative : schema[key])
            addAlternatives(alternatives, alternative, depth + 1);
        return;
    }
    const bool hasChoices = schema.contains("enum") || schema.contains("const");
    if (!schema.contains("type")) {
        alternatives.push_back(typed(schema, hasChoices ? typeOfChoices(schema) : "", depth));
        return;
    }
    const auto& type = schema["type"];
    for (const auto& one : type.is_array() ? type : Json::array({type})) {
        if (one.is_string())
            alternatives.push_back(typed(schema, one.get_ref<const std::string&>(), depth));
    }
}

ValueAlternative SchemaReader::typed(const Json& schema, std::string_view type, int depth) const
{
    ValueAlternative alternative;
    alternative.kind = kindOf(type);
    alternative.minimum = numberOf(schema, "minimum");
    alternative.exclusiveMinimum = numberOf(schema, "exclusiveMinimum");
    alternative.maximum = numberOf(schema, "maximum");
    alternative.exclusiveMaximum = numberOf(schema, "exclusiveMaximum");
    if (schema.contains("enum")) {
        for (const auto& choice : schema["enum"]) {
            if (fitsKind(choice, alternative.kind) && !choice.is_null())
                alternative.choices.push_back(choice);
        }
    }
    if (alternative.kind == ValueKind::List && schema.contains("items"))
        addAlternatives(alternative.items, schema["items"], depth + 1);
    if (alternative.kind == ValueKind::Map) {
        if (schema.contains("properties"))
            alternative.kind = ValueKind::Section;
        if (schema.contains("additionalProperties"))
            addAlternatives(alternative.items, schema["additionalProperties"], depth + 1);
        if (schema.contains("propertyNames") && schema["propertyNames"].contains("enum")) {
            for (const auto& key : schema["propertyNames"]["enum"])
                alternative.keys.push_back(toQString(key.get<std::string>()));
        }
    }
    return alternative;
}

ComponentSchema SchemaReader::component(const Json& schema) const
{
    ComponentSchema component;
    component.name = textOf(schema, "title");
    component.help = textOf(schema, "description");
    component.ownOptions = options(schema);
    const auto isKey = [](const OptionSchema& option) {
        return option.name == QLatin1String("class_path")
            || option.name == QLatin1String("init_args");
    };
    std::erase_if(component.ownOptions, isKey);
    const auto* arguments
        = findValue(schema, {QStringLiteral("properties"), QStringLiteral("init_args")});
    if (arguments)
        component.initArgs = options(*arguments);
    const auto* name = findValue(schema,
        {QStringLiteral("properties"), QStringLiteral("class_path"), QStringLiteral("const")});
    if (name && name->is_string())
        component.name = toQString(name->get_ref<const std::string&>());
    return component;
}

QHash<QString, std::vector<ComponentSchema>> SchemaReader::components() const
{
    QHash<QString, std::vector<ComponentSchema>> components;
    const auto definitions = m_document.find("$defs");
    if (definitions == m_document.end())
        return components;
    for (const auto& definition : *definitions) {
        const auto kind = definition.is_object() ? textOf(definition, "x-kind") : QString();
        if (kind.isEmpty() || !definition.contains("anyOf"))
            continue;
        for (const auto& variant : definition["anyOf"]) {
            if (const auto* target = resolved(variant))
                components[kind].push_back(component(*target));
        }
    }
    return components;
}

} // namespace leyden::ui
