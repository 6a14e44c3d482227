// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_table.h"

#include <algorithm>
#include <set>

// The setters of OptionBuilder. A setter that fits no alternative of the option is a slip of the
// programmer, so it asserts.

namespace leyden::option_rules {

namespace {

bool is_number(const ValueRule& rule)
{
    return rule.type == ValueType::Int || rule.type == ValueType::Float;
}

void set_limit(ValueRule& rule, Bound bound, double limit)
{
    switch (bound) {
    case Bound::AtLeast:
        rule.minimum = limit;
        return;
    case Bound::Above:
        rule.exclusive_minimum = limit;
        return;
    case Bound::AtMost:
        rule.maximum = limit;
        return;
    case Bound::Below:
        rule.exclusive_maximum = limit;
        return;
    }
}

/// Applies `change` to the alternatives that `fits` picks; there has to be one.
template <class Fits, class Change>
void change_where(std::vector<ValueRule>& rules, Fits fits, Change change)
{
    bool changed = false;
    for (ValueRule& rule : rules) {
        if (fits(rule)) {
            change(rule);
            changed = true;
        }
    }
    LEYDEN_ASSERT(changed);
}

/// The alternatives and those of their items, which choices() and kind() speak of alike.
std::vector<ValueRule*> with_items(std::vector<ValueRule>& rules)
{
    std::vector<ValueRule*> all;
    for (ValueRule& rule : rules) {
        all.push_back(&rule);
        for (ValueRule* item : with_items(rule.items))
            all.push_back(item);
    }
    return all;
}

/// Texts go to the option's text alternative, numbers to its whole numbers; only where it has none
/// itself, to those of its items.
void add_choices(std::vector<ValueRule>& rules, const std::vector<Json>& values,
    std::vector<Json> ValueRule::* list)
{
    for (const Json& value : values) {
        const auto type = value.is_string() ? ValueType::String : ValueType::Int;
        const auto fits = [&](const ValueRule& rule) { return rule.type == type; };
        const bool is_own = std::any_of(rules.begin(), rules.end(), fits);
        bool added = false;
        for (ValueRule& rule : rules) {
            if (is_own ? fits(rule) : !rule.items.empty()) {
                if (is_own)
                    (rule.*list).push_back(value);
                else
                    add_choices(rule.items, {value}, list);
                added = true;
            }
        }
        LEYDEN_ASSERT(added);
    }
}

} // namespace

void bound(std::vector<ValueRule>& rules, Bound bound, double limit)
{
    change_where(rules, is_number, [&](ValueRule& rule) { set_limit(rule, bound, limit); });
}

void bound_ints(std::vector<ValueRule>& rules, Bound bound, double limit)
{
    change_where(
        rules, [](const ValueRule& rule) { return rule.type == ValueType::Int; },
        [&](ValueRule& rule) { set_limit(rule, bound, limit); });
}

void bound_items(std::vector<ValueRule>& rules, Bound kind, double limit)
{
    change_where(
        rules, [](const ValueRule& rule) { return !rule.items.empty(); },
        [&](ValueRule& rule) { bound(rule.items, kind, limit); });
}

void choices(std::vector<ValueRule>& rules, const std::vector<Json>& values)
{
    add_choices(rules, values, &ValueRule::choices);
}

void later(std::vector<ValueRule>& rules, const std::vector<Json>& values)
{
    add_choices(rules, values, &ValueRule::later);
}

void later(std::vector<ValueRule>& rules, ValueType type)
{
    change_where(
        rules, [&](const ValueRule& rule) { return rule.type == type; },
        [](ValueRule& rule) { rule.is_available = false; });
}

void pattern(std::vector<ValueRule>& rules, const std::string& expression, const std::string& help)
{
    change_where(
        rules, [](const ValueRule& rule) { return rule.type == ValueType::String; },
        [&](ValueRule& rule) {
            rule.pattern = expression;
            rule.pattern_help = help;
        });
}

void non_finite(std::vector<ValueRule>& rules, const std::vector<std::string>& allowed)
{
    const auto all = with_items(rules);
    LEYDEN_ASSERT(std::any_of(all.begin(), all.end(),
        [](const ValueRule* rule) { return rule->type == ValueType::Float; }));
    for (ValueRule* rule : all)
        if (rule->type == ValueType::Float)
            rule->non_finite = allowed;
}

void not_empty(std::vector<ValueRule>& rules)
{
    change_where(
        rules,
        [](const ValueRule& rule) { return rule.type == ValueType::String || !rule.items.empty(); },
        [](ValueRule& rule) { rule.min_size = std::max<std::size_t>(rule.min_size, 1); });
}

void keys(std::vector<ValueRule>& rules, const std::vector<std::string>& names)
{
    change_where(
        rules, [](const ValueRule& rule) { return rule.type == ValueType::Map; },
        [&](ValueRule& rule) { rule.keys = names; });
}

void kind(std::vector<ValueRule>& rules, ComponentKind kind)
{
    bool changed = false;
    for (ValueRule* rule : with_items(rules)) {
        if (rule->type == ValueType::Component) {
            rule->kind = kind;
            changed = true;
        }
    }
    LEYDEN_ASSERT(changed);
}

void not_value(std::vector<ValueRule>& rules, const Json& value)
{
    change_where(
        rules, [](const ValueRule& rule) { return rule.type == ValueType::Int; },
        [&](ValueRule& rule) { rule.excluded.push_back(value); });
}

void assert_complete(const std::vector<Option>& options)
{
    std::set<std::string> names;
    for (const Option& option : options) {
        const bool is_new_name = names.insert(option.name).second;
        LEYDEN_ASSERT(is_new_name);
        LEYDEN_ASSERT(!option.help.empty());
        auto rules = option.types;
        for (const ValueRule* rule : with_items(rules))
            LEYDEN_ASSERT(rule->type != ValueType::Component || rule->kind);
    }
    for (const Option& option : options)
        for (const OptionDependency& dependency : option.depends)
            LEYDEN_ASSERT(names.count(dependency.option) == 1);
}

} // namespace leyden::option_rules

namespace leyden {

OptionTableBase::Entry& OptionTableBase::add_entry(std::string name, std::string help)
{
    auto& entry = *entries_.emplace_back(std::make_unique<Entry>());
    entry.option.name = std::move(name);
    entry.option.help = std::move(help);
    entry.option.group = group_;
    return entry;
}

std::vector<Option> OptionTableBase::take_options(const void* defaults)
{
    std::vector<Option> options;
    for (auto& entry : entries_) {
        entry->option.default_value = entry->option.get(defaults);
        options.push_back(std::move(entry->option));
    }
    option_rules::assert_complete(options);
    entries_.clear();
    return options;
}

void OptionTableBase::assign(const std::vector<Option>& options, const Json& checked, void* result)
{
    for (const Option& option : options)
        option.set(result, checked.at(option.name));
}

} // namespace leyden
