// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option.h"
#include "engine/config/option_codec.h"
#include "engine/core/export.h"

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace leyden {

// What the setters of OptionBuilder do, apart from its type.
namespace option_rules {
enum class Bound { AtLeast, Above, AtMost, Below };
LEYDEN_API void bound(std::vector<ValueRule>& rules, Bound bound, double limit);
LEYDEN_API void bound_ints(std::vector<ValueRule>& rules, Bound bound, double limit);
LEYDEN_API void bound_items(std::vector<ValueRule>& rules, Bound bound, double limit);
LEYDEN_API void choices(std::vector<ValueRule>& rules, const std::vector<Json>& choices);
LEYDEN_API void later(std::vector<ValueRule>& rules, const std::vector<Json>& choices);
LEYDEN_API void later(std::vector<ValueRule>& rules, ValueType type);
LEYDEN_API void pattern(
    std::vector<ValueRule>& rules, const std::string& expression, const std::string& help);
LEYDEN_API void non_finite(std::vector<ValueRule>& rules, const std::vector<std::string>& allowed);
LEYDEN_API void not_empty(std::vector<ValueRule>& rules);
LEYDEN_API void keys(std::vector<ValueRule>& rules, const std::vector<std::string>& keys);
LEYDEN_API void kind(std::vector<ValueRule>& rules, ComponentKind kind);
LEYDEN_API void not_value(std::vector<ValueRule>& rules, const Json& value);
LEYDEN_API void assert_complete(const std::vector<Option>& options);
} // namespace option_rules

/// What can be said of an option beyond name, field and help. Each setter returns the builder.
template <class Field> class OptionBuilder
{
public:
    using Leaf = typename Codec<Field>::Leaf;

    OptionBuilder(Option& option, EnumNames& names) : option_(option), names_(names) { }

    /// Has to be given; the field's initial value is no default.
    OptionBuilder& required() { return option_.is_required = true, *this; }

    // Limits of every number that the option takes itself; each_...: of those in its list or map.
    OptionBuilder& at_least(double limit) { return bound(option_rules::Bound::AtLeast, limit); }
    OptionBuilder& above(double limit) { return bound(option_rules::Bound::Above, limit); }
    OptionBuilder& at_most(double limit) { return bound(option_rules::Bound::AtMost, limit); }
    OptionBuilder& below(double limit) { return bound(option_rules::Bound::Below, limit); }
    OptionBuilder& each_at_least(double limit)
    {
        return bound_items(option_rules::Bound::AtLeast, limit);
    }
    OptionBuilder& each_above(double limit)
    {
        return bound_items(option_rules::Bound::Above, limit);
    }
    OptionBuilder& each_at_most(double limit)
    {
        return bound_items(option_rules::Bound::AtMost, limit);
    }
    OptionBuilder& each_below(double limit)
    {
        return bound_items(option_rules::Bound::Below, limit);
    }
    /// A limit of whole numbers alone, where a float is allowed too and means something else.
    OptionBuilder& int_at_least(double limit)
    {
        return option_rules::bound_ints(option_.types, option_rules::Bound::AtLeast, limit), *this;
    }
    /// Every whole number but this one.
    OptionBuilder& not_value(const Json& value)
    {
        return option_rules::not_value(option_.types, value), *this;
    }

    /// The names of an enum's values; in a list: of the items.
    OptionBuilder& choices(const std::vector<std::pair<std::string, Leaf>>& names)
        requires std::is_enum_v<Leaf>
    {
        std::vector<Json> values;
        for (const auto& [name, value] : names) {
            names_.emplace_back(name, static_cast<int64_t>(value));
            values.emplace_back(name);
        }
        return option_rules::choices(option_.types, values), *this;
    }

    /// The texts or whole numbers that are allowed, e.g. choices({"relu", "tanh"}); in a list: of
    /// the items.
    OptionBuilder& choices(const std::vector<Json>& values)
        requires(!std::is_enum_v<Leaf>)
    {
        return option_rules::choices(option_.types, values), *this;
    }

    /// Choices that are legal and refused with "not available yet".
    OptionBuilder& later(const std::vector<Json>& values)
    {
        return option_rules::later(option_.types, values), *this;
    }

    /// A whole kind of values that is legal and refused with "not available yet".
    OptionBuilder& later(ValueType type) { return option_rules::later(option_.types, type), *this; }

    /// Choices may be written in any case; the value is that of choices().
    OptionBuilder& ignore_case() { return option_.ignores_case = true, *this; }

    /// Text has to match a regular expression (ECMAScript, whole text); `meaning` completes
    /// "expected ...".
    OptionBuilder& pattern(const std::string& expression, const std::string& meaning)
    {
        return option_rules::pattern(option_.types, expression, meaning), *this;
    }

    /// Allows not-a-number and the infinities, or some of them; written as these texts.
    OptionBuilder& non_finite(
        const std::vector<std::string>& allowed = {"NaN", "Infinity", "-Infinity"})
    {
        return option_rules::non_finite(option_.types, allowed), *this;
    }

    /// Text has at least one character, a list one item.
    OptionBuilder& not_empty() { return option_rules::not_empty(option_.types), *this; }

    /// The only keys that a map may have.
    OptionBuilder& keys(const std::vector<std::string>& keys)
    {
        return option_rules::keys(option_.types, keys), *this;
    }

    /// What a ComponentConfig may name. Needed for every field that holds one.
    OptionBuilder& component(ComponentKind kind)
    {
        return option_rules::kind(option_.types, kind), *this;
    }

    /// A check that no other setter can say: returns what is wrong ("expected ..."), or "".
    OptionBuilder& check(std::function<std::string(const Json& value)> check)
    {
        return option_.check = std::move(check), *this;
    }

    OptionBuilder& unit(std::string text) { return option_.unit = std::move(text), *this; }
    OptionBuilder& group(std::string text) { return option_.group = std::move(text), *this; }
    OptionBuilder& details(std::string text) { return option_.details = std::move(text), *this; }
    OptionBuilder& advanced() { return option_.is_advanced = true, *this; }

    /// Matters only while the other option is set (neither null nor false) ...
    OptionBuilder& depends_on(std::string option)
    {
        return option_.depends.push_back({std::move(option), std::nullopt}), *this;
    }
    /// ... or has this value. Repeat it for several values or options.
    OptionBuilder& depends_on(std::string option, Json value)
    {
        return option_.depends.push_back({std::move(option), std::move(value)}), *this;
    }

    /// A file or folder that is read: relative paths are looked for beside the config file. `words`
    /// are values that are no path, e.g. "last".
    OptionBuilder& input_path(std::vector<std::string> words = {})
    {
        option_.is_input_path = true;
        option_.path_words = std::move(words);
        return *this;
    }

    /// A file or folder that is written: "~" is the home folder, and a URL is refused.
    OptionBuilder& output_path() { return option_.is_output_path = true, *this; }

    /// Its texts name metrics that the run logs, or columns of the table.
    OptionBuilder& names_of(NamesOf what) { return option_.names_of = what, *this; }

    /// Refused with "not available yet" unless it has its default, or a value that means the same.
    OptionBuilder& not_yet(std::vector<Json> same_as_default = {})
    {
        option_.is_available = false;
        option_.same_as_default = std::move(same_as_default);
        return *this;
    }

private:
    OptionBuilder& bound(option_rules::Bound kind, double limit)
    {
        return option_rules::bound(option_.types, kind, limit), *this;
    }
    OptionBuilder& bound_items(option_rules::Bound kind, double limit)
    {
        return option_rules::bound_items(option_.types, kind, limit), *this;
    }

    Option& option_;
    EnumNames& names_;
};

/// How an option reads and writes its field, which lies `offset` bytes into its struct: the same
/// for every struct with a field of that type.
template <class Field>
void connect_field(Option& option, std::ptrdiff_t offset, const std::shared_ptr<EnumNames>& names)
{
    Codec<Field>::add_rules(option.types);
    option.get = [offset, names](const void* options) {
        const auto* field = static_cast<const char*>(options) + offset;
        return Codec<Field>::write(*reinterpret_cast<const Field*>(field), *names);
    };
    option.set = [offset, names](void* options, const Json& value) {
        auto* field = static_cast<char*>(options) + offset;
        *reinterpret_cast<Field*>(field) = Codec<Field>::read(value, *names);
    };
}

/// What a table of any options struct does: apart from its type, so that it is compiled once.
class LEYDEN_API OptionTableBase
{
public:
    /// The heading of the options added from here on.
    void begin_group(std::string name) { group_ = std::move(name); }

protected:
    struct Entry
    {
        Option option;
        std::shared_ptr<EnumNames> names = std::make_shared<EnumNames>();
    };

    OptionTableBase() = default;
    ~OptionTableBase() = default;
    Entry& add_entry(std::string name, std::string help);
    /// All options, with the values of the struct at `defaults` as their defaults.
    std::vector<Option> take_options(const void* defaults);
    /// Sets the fields of the struct at `result` from checked, complete init_args.
    static void assign(const std::vector<Option>& options, const Json& checked, void* result);

private:
    std::vector<std::unique_ptr<Entry>> entries_; // builders refer to them
    std::string group_;
};

/// Describes the fields of an options struct: an aggregate whose initial values are the defaults.
/// Filled by `void describe(OptionTable<Options>&)`, declared beside the struct and found by ADL.
/// Field types: bool, int64_t, double, std::string, enums, ComponentConfig, and optional, vector,
/// array, variant and map<string, ...> of them. Options stand in the order of add().
template <class Options> class OptionTable : public OptionTableBase
{
public:
    /// `member` may belong to a base of Options, so that several structs can share fields.
    template <class Field, class Owner>
        requires std::derived_from<Options, Owner>
    OptionBuilder<Field> add(std::string name, Field Owner::* member, std::string help)
    {
        auto& entry = add_entry(std::move(name), std::move(help));
        const auto offset = reinterpret_cast<const char*>(&(defaults_.*member))
            - reinterpret_cast<const char*>(&defaults_);
        connect_field<Field>(entry.option, offset, entry.names);
        return OptionBuilder<Field>(entry.option, *entry.names);
    }

    /// A check of several options together; it adds what is wrong to the clashes, under the name of
    /// the option to change.
    void check(std::function<void(const Options&, OptionClashes&)> check)
    {
        checks_.push_back(std::move(check));
    }

    /// All that was described. The table is empty afterwards.
    OptionSet take()
    {
        OptionSet set;
        set.options = take_options(&defaults_);
        for (auto& check : checks_) {
            set.checks.push_back(
                [options = set.options, check](const Json& checked, OptionClashes& clashes) {
                    check(assigned(options, checked), clashes);
                });
        }
        checks_.clear();
        return set;
    }

    /// The struct whose fields have the values of checked, complete init_args.
    static Options assigned(const std::vector<Option>& options, const Json& checked)
    {
        Options result{};
        assign(options, checked, &result);
        return result;
    }

private:
    std::vector<std::function<void(const Options&, OptionClashes&)>> checks_;
    Options defaults_{};
};

/// The options that a struct's describe() lists.
template <class Options> OptionSet options_of()
{
    OptionTable<Options> table;
    describe(table);
    return table.take();
}

/// The struct for init_args; what is missing has its default. Throws MisconfigurationError with one
/// line per problem.
template <class Options> Options read_options(const Json& init_args)
{
    const auto set = options_of<Options>();
    return OptionTable<Options>::assigned(set.options, checked_init_args(set, init_args));
}

} // namespace leyden
