// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_problem.h"

namespace leyden {

std::string problem_lines(const std::vector<ConfigProblem>& problems, const std::string& whole)
{
    std::string lines;
    for (const ConfigProblem& problem : problems) {
        const auto& place = problem.pointer.empty() ? whole : problem.pointer;
        lines
            += (lines.empty() ? "" : "\n") + place + (place.empty() ? "" : ": ") + problem.message;
    }
    return lines;
}

std::string pointer_to(const std::string& pointer, const std::string& key)
{
    auto result = pointer + "/";
    for (const char c : key) {
        if (c == '~')
            result += "~0";
        else if (c == '/')
            result += "~1";
        else
            result += c;
    }
    return result;
}

} // namespace leyden
