// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option.h"
#include "engine/core/errors.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace leyden {

/// The names of an enum's values, filled by choices().
using EnumNames = std::vector<std::pair<std::string, int64_t>>;

// How each field type is written in JSON. For every Codec<T>:
//   add_rules(rules)      appends the kinds of value that T takes
//   accepts(json)         whether checked JSON is a T (tells the alternatives of a variant apart)
//   read(json, names)     the value; json is checked
//   write(value, names)   its JSON
//   Leaf                  the scalar that choices() speaks of
template <class T> struct Codec;

inline void add_rule(std::vector<ValueRule>& rules, ValueType type)
{
    ValueRule rule;
    rule.type = type;
    rules.push_back(std::move(rule));
}

template <> struct Codec<bool>
{
    using Leaf = bool;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::Bool); }
    static bool accepts(const Json& json) { return json.is_boolean(); }
    static bool read(const Json& json, const EnumNames&) { return json.get<bool>(); }
    static Json write(bool value, const EnumNames&) { return value; }
};

template <> struct Codec<int64_t>
{
    using Leaf = int64_t;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::Int); }
    static bool accepts(const Json& json) { return json.is_number_integer(); }
    static int64_t read(const Json& json, const EnumNames&) { return json.get<int64_t>(); }
    static Json write(int64_t value, const EnumNames&) { return value; }
};

template <> struct Codec<double>
{
    using Leaf = double;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::Float); }
    static bool accepts(const Json& json)
    {
        return json.is_number() || json == "NaN" || json == "Infinity" || json == "-Infinity";
    }
    static double read(const Json& json, const EnumNames&)
    {
        if (!json.is_string())
            return json.get<double>();
        const auto& text = json.get_ref<const std::string&>();
        if (text == "NaN")
            return std::numeric_limits<double>::quiet_NaN();
        const auto infinity = std::numeric_limits<double>::infinity();
        return text == "-Infinity" ? -infinity : infinity;
    }
    static Json write(double value, const EnumNames&)
    {
        if (std::isnan(value))
            return "NaN";
        if (std::isinf(value))
            return value < 0 ? "-Infinity" : "Infinity";
        return value;
    }
};

template <> struct Codec<std::string>
{
    using Leaf = std::string;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::String); }
    static bool accepts(const Json& json) { return json.is_string(); }
    static std::string read(const Json& json, const EnumNames&) { return json.get<std::string>(); }
    static Json write(const std::string& value, const EnumNames&) { return value; }
};

template <class Enum>
    requires std::is_enum_v<Enum>
struct Codec<Enum>
{
    using Leaf = Enum;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::String); }
    static bool accepts(const Json& json) { return json.is_string(); }
    static Enum read(const Json& json, const EnumNames& names)
    {
        for (const auto& [name, value] : names)
            if (json == name)
                return static_cast<Enum>(value);
        LEYDEN_ASSERT(!"a checked choice has a name");
        return Enum{};
    }
    static Json write(Enum value, const EnumNames& names)
    {
        for (const auto& [name, known] : names)
            if (known == static_cast<int64_t>(value))
                return name;
        LEYDEN_ASSERT(!"choices() names every value of the enum");
        return {};
    }
};

template <> struct Codec<ComponentConfig>
{
    using Leaf = ComponentConfig;
    static void add_rules(std::vector<ValueRule>& rules) { add_rule(rules, ValueType::Component); }
    static bool accepts(const Json& json)
    {
        return json.is_object() && json.contains("class_path");
    }
    static ComponentConfig read(const Json& json, const EnumNames&)
    {
        ComponentConfig component;
        component.class_path = json.at("class_path").get<std::string>();
        if (const auto args = json.find("init_args"); args != json.end())
            component.init_args = *args;
        return component;
    }
    static Json write(const ComponentConfig& value, const EnumNames&)
    {
        auto json = Json::object();
        json["class_path"] = value.class_path;
        json["init_args"] = value.init_args;
        return json;
    }
};

template <class T> struct Codec<std::optional<T>>
{
    using Leaf = typename Codec<T>::Leaf;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        Codec<T>::add_rules(rules);
        add_rule(rules, ValueType::Null);
    }
    static bool accepts(const Json& json) { return json.is_null() || Codec<T>::accepts(json); }
    static std::optional<T> read(const Json& json, const EnumNames& names)
    {
        if (json.is_null())
            return std::nullopt;
        return Codec<T>::read(json, names);
    }
    static Json write(const std::optional<T>& value, const EnumNames& names)
    {
        return value ? Codec<T>::write(*value, names) : Json(nullptr);
    }
};

/// Lists of any length.
template <class T> struct Codec<std::vector<T>>
{
    using Leaf = typename Codec<T>::Leaf;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        add_rule(rules, ValueType::List);
        Codec<T>::add_rules(rules.back().items);
    }
    static bool accepts(const Json& json)
    {
        if (!json.is_array())
            return false;
        for (const auto& item : json)
            if (!Codec<T>::accepts(item))
                return false;
        return true;
    }
    static std::vector<T> read(const Json& json, const EnumNames& names)
    {
        std::vector<T> values;
        for (const auto& item : json)
            values.push_back(Codec<T>::read(item, names));
        return values;
    }
    static Json write(const std::vector<T>& values, const EnumNames& names)
    {
        auto json = Json::array();
        for (const T& value : values)
            json.push_back(Codec<T>::write(value, names));
        return json;
    }
};

/// Lists of a fixed length.
template <class T, std::size_t N> struct Codec<std::array<T, N>>
{
    using Leaf = typename Codec<T>::Leaf;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        Codec<std::vector<T>>::add_rules(rules);
        rules.back().min_size = N;
        rules.back().max_size = N;
    }
    static bool accepts(const Json& json)
    {
        return Codec<std::vector<T>>::accepts(json) && json.size() == N;
    }
    static std::array<T, N> read(const Json& json, const EnumNames& names)
    {
        std::array<T, N> values{};
        for (std::size_t i = 0; i < N; ++i)
            values[i] = Codec<T>::read(json.at(i), names);
        return values;
    }
    static Json write(const std::array<T, N>& values, const EnumNames& names)
    {
        auto json = Json::array();
        for (const T& value : values)
            json.push_back(Codec<T>::write(value, names));
        return json;
    }
};

template <class T> struct Codec<std::map<std::string, T>>
{
    using Leaf = typename Codec<T>::Leaf;
    static void add_rules(std::vector<ValueRule>& rules)
    {
        add_rule(rules, ValueType::Map);
        Codec<T>::add_rules(rules.back().items);
    }
    static bool accepts(const Json& json) { return json.is_object(); }
    static std::map<std::string, T> read(const Json& json, const EnumNames& names)
    {
        std::map<std::string, T> values;
        for (const auto& [key, value] : json.items())
            values.emplace(key, Codec<T>::read(value, names));
        return values;
    }
    static Json write(const std::map<std::string, T>& values, const EnumNames& names)
    {
        auto json = Json::object();
        for (const auto& [key, value] : values)
            json[key] = Codec<T>::write(value, names);
        return json;
    }
};

/// The first alternative that takes the value. Put int64_t before double: 1 is then an int, 1.0 a
/// float; and ComponentConfig before a map.
template <class... Ts> struct Codec<std::variant<Ts...>>
{
    using Value = std::variant<Ts...>;
    // choices() of an enum need its type; no variant of ours holds one.
    using Leaf = std::string;
    static void add_rules(std::vector<ValueRule>& rules) { (Codec<Ts>::add_rules(rules), ...); }
    static bool accepts(const Json& json) { return (Codec<Ts>::accepts(json) || ...); }
    static Value read(const Json& json, const EnumNames& names)
    {
        std::optional<Value> value;
        const auto try_type = [&]<class T>(std::type_identity<T>) {
            if (!value && Codec<T>::accepts(json))
                value.emplace(std::in_place_type<T>,
                    Codec<T>::read(json, names)); // never a conversion between alternatives
        };
        (try_type(std::type_identity<Ts>{}), ...);
        LEYDEN_ASSERT(value);
        return *value;
    }
    static Json write(const Value& value, const EnumNames& names)
    {
        return std::visit(
            [&]<class T>(const T& held) { return Codec<T>::write(held, names); }, value);
    }
};

} // namespace leyden
