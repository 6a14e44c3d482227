// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_check.h"

#include "engine/config/json_text.h"
#include "engine/config/lightning_cli.h"
#include "engine/config/nearest_name.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/errors.h"

#include <algorithm>
#include <cmath>
#include <regex>

namespace leyden {

namespace {

constexpr std::size_t enough_problems = 1000; ///< of one list or object: what follows is not looked
                                              ///< at

bool contains(const std::vector<Json>& values, const Json& value)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}

bool contains(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_int(const Json& value)
{
    return value.is_number_integer()
        && (!value.is_number_unsigned()
            || value.get<uint64_t>() <= uint64_t(std::numeric_limits<int64_t>::max()));
}

/// Whether a value has the rule's type, whatever its bounds.
bool has_type(const ValueRule& rule, const Json& value)
{
    switch (rule.type) {
    case ValueType::Null:
        return value.is_null();
    case ValueType::Bool:
        return value.is_boolean();
    case ValueType::Int:
        return is_int(value);
    case ValueType::Float:
        return value.is_number()
            || (value.is_string()
                && contains(rule.non_finite, value.get_ref<const std::string&>()));
    case ValueType::String:
        return value.is_string();
    case ValueType::List:
        return value.is_array();
    case ValueType::Map:
        return value.is_object() && !value.contains("class_path");
    case ValueType::Component:
        return value.is_string() || value.is_object();
    case ValueType::Section:
        return value.is_object();
    }
    return false;
}

bool is_within(const ValueRule& rule, double value)
{
    return (!rule.minimum || value >= *rule.minimum) && (!rule.maximum || value <= *rule.maximum)
        && (!rule.exclusive_minimum || value > *rule.exclusive_minimum)
        && (!rule.exclusive_maximum || value < *rule.exclusive_maximum);
}

/// An upper or lower limit as people write it: 0, 0.5, 4294967295.
std::string limit_text(double limit)
{
    if (limit == std::floor(limit) && std::abs(limit) < 1e15)
        return std::to_string(static_cast<int64_t>(limit));
    return Json(limit).dump();
}

std::string bounds_text(const ValueRule& rule)
{
    if (rule.minimum && rule.maximum)
        return " from " + limit_text(*rule.minimum) + " to " + limit_text(*rule.maximum);
    std::vector<std::string> parts;
    if (rule.minimum)
        parts.push_back(">= " + limit_text(*rule.minimum));
    if (rule.exclusive_minimum)
        parts.push_back("> " + limit_text(*rule.exclusive_minimum));
    if (rule.maximum)
        parts.push_back("<= " + limit_text(*rule.maximum));
    if (rule.exclusive_maximum)
        parts.push_back("< " + limit_text(*rule.exclusive_maximum));
    std::string text;
    for (const auto& part : parts)
        text += (text.empty() ? " " : " and ") + part;
    return text;
}

std::string size_text(const ValueRule& rule)
{
    if (rule.min_size == rule.max_size)
        return " of length " + std::to_string(rule.min_size);
    return rule.min_size > 0 ? " that is not empty" : "";
}

/// A kind as messages call it.
std::string kind_noun(ComponentKind kind)
{
    switch (kind) {
    case ComponentKind::Data:
        return "data module";
    case ComponentKind::LRScheduler:
        return "scheduler";
    case ComponentKind::Precision:
        return "plug-in";
    default:
        return kind_name(kind);
    }
}

std::string name_of_a(ComponentKind kind)
{
    return std::string("the name of ") + (kind == ComponentKind::Optimizer ? "an " : "a ")
        + kind_noun(kind);
}

std::string rule_text(const ValueRule& rule)
{
    switch (rule.type) {
    case ValueType::Null:
        return "null";
    case ValueType::Bool:
        return "true or false";
    case ValueType::Int:
        if (!rule.choices.empty())
            return shown_list(rule.choices);
        return "a whole number" + bounds_text(rule)
            + (rule.excluded.empty() ? "" : " other than " + shown_list(rule.excluded));
    case ValueType::Float: {
        auto text = "a number" + bounds_text(rule);
        for (const auto& name : rule.non_finite)
            text += ", \"" + name + "\"";
        return text;
    }
    case ValueType::String:
        if (!rule.choices.empty())
            return shown_list(rule.choices);
        return rule.pattern_help.empty() ? "text" + size_text(rule) : rule.pattern_help;
    case ValueType::List:
        return "a list" + size_text(rule) + " (items: " + expected_text(rule.items) + ")";
    case ValueType::Map:
        return "an object of names (values: " + expected_text(rule.items) + ")";
    case ValueType::Component:
        return name_of_a(*rule.kind) + " or an object with class_path and init_args";
    case ValueType::Section:
        return "an object";
    }
    return {};
}

/// How a number that is written with a comma has to be written; "" if it is none.
std::string comma_text(const std::string& text, bool takes_float)
{
    static const std::regex thousands(R"([+-]?[1-9]\d{0,2}(,\d{3})+)");
    static const std::regex decimal(R"([+-]?\d+,\d+([eE][+-]?\d+)?)");
    if (std::regex_match(text, thousands)) {
        if (takes_float) // 1,000 is one or a thousand
            return "; write a number with a decimal point, and without a comma between thousands";
        auto plain = text;
        std::erase(plain, ',');
        return "; write " + plain;
    }
    if (!takes_float || !std::regex_match(text, decimal))
        return {};
    auto point = text;
    std::replace(point.begin(), point.end(), ',', '.');
    return "; write " + point;
}

/// Why a value that looks right is not: hints for the usual slips.
std::string slip_text(const std::vector<ValueRule>& rules, const Json& value)
{
    const auto takes = [&](ValueType type) {
        return std::any_of(
            rules.begin(), rules.end(), [&](const ValueRule& rule) { return rule.type == type; });
    };
    if (value.is_number_float() && takes(ValueType::Int) && !takes(ValueType::Float)
        && value.get<double>() == std::floor(value.get<double>()))
        return "; write it without a decimal point";
    if (!value.is_string())
        return {};
    const auto& text = value.get_ref<const std::string&>();
    const auto parsed = text.size() < 64 ? parse_json(text) : JsonText{};
    if ((parsed.document.is_number() && (takes(ValueType::Int) || takes(ValueType::Float)))
        || (parsed.document.is_boolean() && takes(ValueType::Bool)))
        return "; write it without quotes";
    if (text.size() < 64 && (takes(ValueType::Int) || takes(ValueType::Float)))
        return comma_text(text, takes(ValueType::Float));
    return {};
}

std::string wrong_value(const std::vector<ValueRule>& rules, const Json& value)
{
    std::vector<std::string> choices, later;
    for (const ValueRule& rule : rules) {
        for (const Json& choice : rule.choices)
            if (choice.is_string())
                choices.push_back(choice.get<std::string>());
        for (const Json& choice : rule.later)
            if (choice.is_string())
                later.push_back(choice.get<std::string>());
    }
    auto text
        = "found " + shown(value) + ", expected " + expected_text(rules) + slip_text(rules, value);
    if (!value.is_string())
        return text;
    const auto& said = value.get_ref<const std::string&>();
    if (const auto near = did_you_mean(said, choices); !near.empty())
        return text + near;
    const auto meant = nearest_name(said, later); // no advice: it would be refused as well
    return meant.empty() ? text : text + "; \"" + meant + "\" is not available yet";
}

bool matches(const ValueRule& rule, const std::string& text)
{
    constexpr std::size_t longest = 200; // std::regex recurses once a character
    return rule.pattern.empty()
        || (text.size() <= longest && std::regex_match(text, std::regex(rule.pattern)));
}

/// The one of `choices` that a value means, null if none.
Json chosen(const std::vector<Json>& choices, const Option& option, const Json& value)
{
    for (const Json& choice : choices) {
        if (choice == value
            || (option.ignores_case && choice.is_string() && value.is_string()
                && lower_case(choice.get<std::string>()) == lower_case(value.get<std::string>())))
            return choice;
    }
    return nullptr;
}

/// In Python True, 1 and 1.0 are equal: where both a switch and a count may stand, 1.0 is 1.
Json as_count(const std::vector<ValueRule>& rules, const Json& value)
{
    constexpr double most = 1e15; // a double holds every whole number up to here
    const auto takes = [&](ValueType type) {
        return std::any_of(
            rules.begin(), rules.end(), [&](const ValueRule& rule) { return rule.type == type; });
    };
    if (!value.is_number_float() || !takes(ValueType::Bool) || !takes(ValueType::Int)
        || takes(ValueType::Float))
        return value;
    const auto number = value.get<double>();
    return number == std::floor(number) && std::abs(number) < most
        ? Json(static_cast<int64_t>(number))
        : value;
}

std::string unknown_key(const std::string& key, const std::vector<std::string>& known)
{
    constexpr std::size_t short_list = 16;
    auto nearest = did_you_mean(key, known);
    if (!nearest.empty())
        return "unknown option" + nearest;
    if (known.empty())
        return "unknown option; there are none here";
    if (known.size() > short_list)
        return "unknown option";
    std::string names;
    for (const auto& name : known)
        names += (names.empty() ? "" : ", ") + name;
    return "unknown option; known are " + names;
}

std::string known_components(const Registry& registry, ComponentKind kind)
{
    std::vector<Json> names;
    for (const auto* info : registry.all(kind))
        names.emplace_back(info->name);
    return names.empty() ? "there is none yet" : "known are " + shown_list(names);
}

std::string unknown_component(const Registry& registry, ComponentKind kind, const std::string& name)
{
    std::vector<std::string> known;
    for (const auto* info : registry.all(kind))
        known.push_back(info->name);
    // A path of Lightning or torch that take_lightning_cli() did not get to see, in a form.
    if (const auto ours = our_class(kind, name, registry); ours != name)
        return "found " + shown(Json(name)) + ", which is \"" + ours + "\" here; did you mean \""
            + ours + "\"?";
    const auto last_part = name.substr(name.rfind('.') + 1);
    auto nearest = contains(known, last_part) ? "; did you mean \"" + last_part + "\"?"
                                              : did_you_mean(name, known);
    if (nearest.empty())
        nearest = did_you_mean(last_part, known);
    if (last_part != name) // of Python: what is meant by it may have any name here
        return "found " + shown(Json(name)) + ", a class of Python that Leyden does not have"
            + nearest + (nearest.empty() ? "; " : " ") + known_components(registry, kind);
    return "found " + shown(Json(name)) + ", which is no known " + kind_noun(kind)
        + (nearest.empty() ? "; " + known_components(registry, kind) : nearest);
}

/// Options that stand beside class_path.
OptionSet options_beside(ComponentKind kind)
{
    return kind == ComponentKind::LRScheduler ? options_of<LRSchedulerOptions>() : OptionSet{};
}

} // namespace

std::string expected_text(const std::vector<ValueRule>& rules)
{
    std::vector<std::string> parts;
    for (const ValueRule& rule : rules) {
        if (!rule.is_available)
            continue;
        const auto text = rule_text(rule);
        if (!contains(parts, text))
            parts.push_back(text);
    }
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? ", or " : ", ") + parts[i];
    return text;
}

bool OptionChecker::add(const std::string& pointer, std::string message)
{
    problems.push_back({pointer, std::move(message)});
    return false;
}

Json OptionChecker::check_object(
    const OptionSet& set, const Json& object, const std::string& pointer)
{
    const auto problems_before = problems.size();
    std::vector<std::string> known;
    for (const Option& option : set.options)
        known.push_back(option.name);
    for (const auto& [key, value] : object.items())
        if (!contains(known, key))
            add(pointer_to(pointer, key), unknown_key(key, known));

    auto checked = Json::object();
    for (const Option& option : set.options) {
        const auto place = pointer_to(pointer, option.name);
        const auto given = object.find(option.name);
        if (given == object.end() && option.is_required) {
            auto message = "missing; expected " + expected_text(option.types);
            const auto& first = option.types.front();
            if (registry_ && first.kind)
                message += "; " + known_components(*registry_, *first.kind);
            add(place, std::move(message));
            checked[option.name] = option.default_value;
        } else {
            checked[option.name] = check_option(
                option, given == object.end() ? option.default_value : *given, place);
        }
    }
    if (problems.size() == problems_before) {
        OptionClashes clashes;
        for (const OptionCheck& check : set.checks)
            check(checked, clashes);
        for (auto& [option, message] : clashes.found)
            add(option.empty() ? pointer : pointer_to(pointer, option), std::move(message));
    }
    return checked;
}

Json OptionChecker::check_option(
    const Option& option, const Json& value, const std::string& pointer)
{
    if (value == option.default_value && !option.is_available)
        return option.default_value;
    const auto complaint = option.check ? option.check(value) : std::string();
    if (!complaint.empty()) {
        add(pointer, "found " + shown(value) + ", " + complaint);
        return option.default_value;
    }
    if (!option.is_available) {
        // components of such an option may have no registered names yet
        OptionChecker checker(nullptr, nullptr);
        checker.check_rules(option.types, option, value, pointer);
        if (!checker.problems.empty())
            problems.insert(problems.end(), checker.problems.begin(), checker.problems.end());
        else if (!contains(option.same_as_default, value))
            add(pointer,
                "found " + shown(value) + ", which is not available yet; leave it at "
                    + shown(option.default_value));
        return option.default_value;
    }
    const auto problems_before = problems.size();
    const auto checked = check_rules(option.types, option, value, pointer);
    if (problems.size() != problems_before)
        return option.default_value;
    if (option.is_output_path && checked.is_string()) {
        if (const auto why = refused_output(checked.get<std::string>()); !why.empty())
            add(pointer, "found " + shown(value) + ", " + why);
        return with_home(checked.get<std::string>());
    }
    return option.is_input_path ? with_paths_resolved(option, checked, pointer) : checked;
}

Json OptionChecker::check_rules(const std::vector<ValueRule>& rules, const Option& option,
    const Json& given, const std::string& pointer)
{
    const auto value = as_count(rules, given);
    std::vector<const ValueRule*> candidates;
    for (const ValueRule& rule : rules)
        if (has_type(rule, value))
            candidates.push_back(&rule);
    // what is written as a whole number stays one
    if (std::any_of(candidates.begin(), candidates.end(),
            [](const ValueRule* rule) { return rule->type == ValueType::Int; }))
        std::erase_if(
            candidates, [](const ValueRule* rule) { return rule->type == ValueType::Float; });

    const auto problems_before = problems.size();
    for (const ValueRule* rule : candidates) {
        problems.resize(problems_before);
        auto checked = check_rule(*rule, rules, option, value, pointer);
        if (problems.size() == problems_before)
            return checked;
    }
    if (candidates.size() != 1) {
        problems.resize(problems_before);
        add(pointer, wrong_value(rules, value));
    }
    return nullptr;
}

Json OptionChecker::check_rule(const ValueRule& rule, const std::vector<ValueRule>& all,
    const Option& option, const Json& value, const std::string& pointer)
{
    const auto refuse_unless = [&](bool is_right) {
        if (!is_right)
            add(pointer, wrong_value(all, value));
    };
    const auto is_size_right
        = [&](std::size_t size) { return size >= rule.min_size && size <= rule.max_size; };
    if (!rule.is_available || !chosen(rule.later, option, value).is_null()) {
        add(pointer,
            "found " + shown(value)
                + ", which is not available yet; available: " + expected_text(all));
        return value;
    }
    switch (rule.type) {
    case ValueType::Null:
    case ValueType::Bool:
        return value;
    case ValueType::Int:
    case ValueType::String: {
        if (value.is_string() && !is_utf8(value.get_ref<const std::string&>())) {
            add(pointer, "found text that is not UTF-8");
            return value;
        }
        if (!rule.choices.empty()) {
            const auto choice = chosen(rule.choices, option, value);
            refuse_unless(!choice.is_null());
            return choice;
        }
        if (rule.type == ValueType::Int)
            refuse_unless(is_within(rule, value.get<double>()) && !contains(rule.excluded, value));
        else
            refuse_unless(is_size_right(value.get_ref<const std::string&>().size())
                && matches(rule, value.get_ref<const std::string&>()));
        return value;
    }
    case ValueType::Float: {
        const auto number = Codec<double>::read(value, {});
        refuse_unless(is_within(rule, number) && (value.is_string() || std::isfinite(number)));
        // whole as written: Python's int
        return is_int(value) ? value : Codec<double>::write(number, {});
    }
    case ValueType::List: {
        refuse_unless(is_size_right(value.size()));
        auto list = Json::array();
        const auto problems_before = problems.size();
        for (std::size_t i = 0;
            i < value.size() && problems.size() < problems_before + enough_problems; ++i)
            list.push_back(
                check_rules(rule.items, option, value[i], pointer_to(pointer, std::to_string(i))));
        return list;
    }
    case ValueType::Map: {
        refuse_unless(is_size_right(value.size()));
        auto map = Json::object();
        const auto problems_before = problems.size();
        for (const auto& [key, item] : value.items()) {
            if (problems.size() >= problems_before + enough_problems)
                break;
            const auto place = pointer_to(pointer, key);
            if (!is_utf8(key))
                add(pointer, "found a key that is not UTF-8");
            else if (!rule.keys.empty() && !contains(rule.keys, key))
                add(place, unknown_key(key, rule.keys));
            map[key] = check_rules(rule.items, option, item, place);
        }
        return map;
    }
    case ValueType::Component:
        return check_component(*rule.kind, value, pointer);
    case ValueType::Section:
        return check_object(*rule.section, value, pointer);
    }
    return value;
}

Json OptionChecker::check_component(
    ComponentKind kind, const Json& value, const std::string& pointer)
{
    auto long_form = value;
    auto class_place = pointer_to(pointer, "class_path");
    if (value.is_string()) {
        long_form = Json::object();
        long_form["class_path"] = value;
        class_place = pointer;
    }
    const auto class_path = long_form.find("class_path");
    if (class_path == long_form.end() || !class_path->is_string()) {
        add(class_place,
            (class_path == long_form.end() ? "missing" : "found " + shown(*class_path))
                + "; expected " + name_of_a(kind));
        return nullptr;
    }
    const auto name = class_path->get<std::string>();
    auto init_args = long_form.contains("init_args") ? long_form["init_args"] : Json::object();
    const auto args_place = pointer_to(pointer, "init_args");
    if (!init_args.is_object()) {
        add(args_place, "found " + shown(init_args) + ", expected an object");
        init_args = Json::object();
    }
    const auto* info = registry_ ? registry_->find(kind, name) : nullptr;
    auto checked = Json::object();
    checked["class_path"] = name;
    if (info)
        checked["init_args"] = check_object({info->options, info->checks}, init_args, args_place);
    else
        checked["init_args"] = init_args;
    if (registry_ && !info)
        add(class_place, unknown_component(*registry_, kind, name));

    // what is left stands beside class_path
    const auto beside = options_beside(kind);
    auto rest = Json::object();
    for (const auto& [key, item] : long_form.items())
        if (key != "class_path" && key != "init_args")
            rest[key] = item;
    const auto is_argument = [&](const std::string& key) {
        return info
            && std::any_of(info->options.begin(), info->options.end(),
                [&](const Option& option) { return option.name == key; });
    };
    const auto all_beside = rest;
    for (const auto& [key, item] : all_beside.items()) {
        const auto is_beside = std::any_of(beside.options.begin(), beside.options.end(),
            [&](const Option& option) { return option.name == key; });
        if (is_beside || !is_argument(key))
            continue;
        add(pointer_to(pointer, key), "belongs into init_args");
        rest.erase(key);
    }
    const auto checked_rest = check_object(beside, rest, pointer);
    for (const auto& [key, item] : checked_rest.items())
        checked[key] = item;
    return checked;
}

Json OptionChecker::with_paths_resolved(
    const Option& option, const Json& value, const std::string& pointer)
{
    if (value.is_array()) {
        auto list = Json::array();
        for (const Json& item : value)
            list.push_back(with_paths_resolved(option, item, pointer));
        return list;
    }
    if (!value.is_string())
        return value;
    const auto& text = value.get_ref<const std::string&>();
    if (text.find('\0') != std::string::npos) {
        add(pointer, "found " + shown(value) + ", expected a path; no path has a zero byte");
        return value;
    }
    if (!roots_ || contains(option.path_words, text))
        return value;
    return resolve_input_path(text, *roots_);
}

Json checked_init_args(const OptionSet& set, const Json& init_args)
{
    if (!init_args.is_object() || is_too_deep(init_args))
        throw MisconfigurationError(
            "init_args: found " + shown(init_args) + ", expected an object of options");
    OptionChecker checker(nullptr, nullptr);
    auto checked = checker.check_object(set, init_args, "");
    if (!checker.problems.empty())
        throw MisconfigurationError(problem_lines(checker.problems, "init_args"));
    return checked;
}

} // namespace leyden
