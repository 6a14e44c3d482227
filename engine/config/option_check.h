// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/config_problem.h"
#include "engine/config/option.h"
#include "engine/config/path_roots.h"

#include <string>
#include <vector>

namespace leyden {

class Registry;

/// Checks values against options. Problems collect; nothing throws.
class OptionChecker
{
public:
    /// Without a registry, components are checked for their form alone. Without roots, paths stay
    /// as they are. Both have to outlive the checker.
    explicit OptionChecker(const Registry* registry, const PathRoots* roots)
        : registry_(registry), roots_(roots)
    {
    }

    /// The object with every option in the set's order, defaults filled in and values normalised:
    /// floats as floats, components in their long form, input paths absolute. Where something is
    /// wrong, the default stands in.
    Json check_object(const OptionSet& set, const Json& object, const std::string& pointer);

    std::vector<ConfigProblem> problems;

private:
    Json check_option(const Option& option, const Json& value, const std::string& pointer);
    Json check_rules(const std::vector<ValueRule>& rules, const Option& option, const Json& value,
        const std::string& pointer);
    Json check_rule(const ValueRule& rule, const std::vector<ValueRule>& all, const Option& option,
        const Json& value, const std::string& pointer);
    Json check_component(ComponentKind kind, const Json& value, const std::string& pointer);
    Json with_paths_resolved(const Option& option, const Json& value, const std::string& pointer);
    bool add(const std::string& pointer, std::string message);

    const Registry* registry_;
    const PathRoots* roots_;
};

/// What values an option takes, for messages: "a whole number >= 1, or null".
std::string expected_text(const std::vector<ValueRule>& rules);

} // namespace leyden
