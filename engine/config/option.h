// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/core/export.h"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

enum class ValueType { Null, Bool, Int, Float, String, List, Map, Component, Section };

struct OptionSet;

/// What a text names that is known only once data and model are: a form offers those there are.
enum class NamesOf { Nothing, Metrics, Columns };

/// One kind of value that an option takes, and what is allowed of it.
struct ValueRule
{
    ValueType type = ValueType::Null;
    bool is_available = true;                ///< false: such values are legal and not available yet
    std::optional<double> minimum;           ///< Int, Float: allowed itself
    std::optional<double> exclusive_minimum; ///< Int, Float: everything above
    std::optional<double> maximum;
    std::optional<double> exclusive_maximum;
    std::vector<Json> choices;  ///< Int, String: only these; empty: any
    std::vector<Json> later;    ///< legal choices that are not available yet
    std::vector<Json> excluded; ///< Int: not these
    std::vector<std::string>
        non_finite;                ///< Float: the allowed ones of "NaN", "Infinity", "-Infinity"
    std::string pattern;           ///< String: regular expression of ECMAScript; "": any
    std::string pattern_help;      ///< String: what the pattern means, for messages
    std::vector<std::string> keys; ///< Map: only these keys; empty: any
    std::vector<ValueRule> items;  ///< List: alternatives of an item; Map: of a value
    std::size_t min_size = 0;      ///< List, Map: items; String: characters
    std::size_t max_size = std::numeric_limits<std::size_t>::max();
    std::optional<ComponentKind> kind;        ///< Component
    std::shared_ptr<const OptionSet> section; ///< Section: an object with these options
};

/// An option that this one belongs to: it matters only while the other has `value`, or, without a
/// value, while the other is set (neither null nor false).
struct OptionDependency
{
    std::string option;
    std::optional<Json> value;
};

/// One option, as parser, schema, help and forms see it. Made by OptionTable.
struct Option
{
    std::string name;
    std::string help;    ///< one line
    std::string details; ///< more, for a tool tip or the reference; may be empty
    std::string unit;
    std::string group;            ///< heading it stands under; may be empty
    std::vector<ValueRule> types; ///< alternatives; a value has to fit one of them
    Json default_value;
    bool is_required = false;
    bool is_advanced = false;
    bool is_input_path = false;          ///< relative paths are looked for beside the config file
    std::vector<std::string> path_words; ///< values of an input path that are no path
    NamesOf names_of = NamesOf::Nothing; ///< its texts, or those of its list
    bool is_output_path = false;         ///< written to: "~" is the home folder, URLs are refused
    bool is_available
        = true; ///< false: only the default, or one of same_as_default, is accepted yet
    bool ignores_case = false; ///< choices may be written in any case
    std::vector<Json> same_as_default;
    std::vector<OptionDependency> depends;
    /// A check beyond the rules, of the value as written: what is wrong with it, "" if nothing.
    std::function<std::string(const Json&)> check;

    std::function<Json(const void* options)> get;
    std::function<void(void* options, const Json& checked)> set;
};

/// Collects what is wrong between options: (name of the option, message).
class OptionClashes
{
public:
    void add(std::string option, std::string message)
    {
        found.emplace_back(std::move(option), std::move(message));
    }

    std::vector<std::pair<std::string, std::string>> found;
};

/// A check over all options of a struct at once, run where each of them is right by itself.
using OptionCheck = std::function<void(const Json& checked_init_args, OptionClashes& clashes)>;

/// What a component or section can be told.
struct OptionSet
{
    std::vector<Option> options;
    std::vector<OptionCheck> checks;
};

/// Checks init_args and fills in defaults, without looking up the components they name. Pointers in
/// the message start at init_args. Throws MisconfigurationError with one line per problem.
LEYDEN_API Json checked_init_args(const OptionSet& set, const Json& init_args);

} // namespace leyden
