// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/param_groups.h"

#include "engine/core/errors.h"

#include <regex>

namespace leyden {

namespace {

constexpr size_t longest_name = 500; // std::regex recurses once a character

std::regex pattern_of(const ParamGroupOverride& group)
{
    const auto found = group.find("params");
    const auto* text = found == group.end() ? nullptr : std::get_if<std::string>(&found->second);
    if (!text)
        throw MisconfigurationError("a group has no params; expected a regular expression for the "
                                    "names of its parameters, e.g. \".*bias\"");
    try {
        return std::regex(*text);
    } catch (const std::regex_error&) {
        throw MisconfigurationError("params = '" + *text + "' is no regular expression");
    }
}

} // namespace

void check_pattern(const ParamGroupOverride& group)
{
    pattern_of(group);
}

std::vector<std::vector<at::Tensor>> split_parameters(
    const std::vector<std::pair<std::string, at::Tensor>>& parameters,
    const ParamGroupOverrides& groups)
{
    std::vector<std::regex> patterns;
    for (const auto& group : groups)
        patterns.push_back(pattern_of(group));
    std::vector<std::vector<at::Tensor>> lists(groups.size() + 1);
    std::vector<bool> is_matched(groups.size(), false);
    for (const auto& [name, param] : parameters) {
        size_t list = 0;
        for (size_t i = 0; i < patterns.size(); ++i)
            if (name.size() <= longest_name && std::regex_match(name, patterns[i])) {
                is_matched[i] = true;
                list = list == 0 ? i + 1 : list;
            }
        lists[list].push_back(param);
    }
    for (size_t i = 0; i < groups.size(); ++i)
        if (!is_matched[i]) {
            std::string names;
            for (size_t j = 0; j < parameters.size() && j < 8; ++j)
                names += (j == 0 ? "" : ", ") + parameters[j].first;
            throw MisconfigurationError("param_groups: params = '"
                + std::get<std::string>(groups[i].at("params"))
                + "' matches no parameter; there are " + names
                + (parameters.size() > 8 ? ", ..." : ""));
        }
    return lists;
}

} // namespace leyden
