// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <vector>

namespace leyden {

/// One thing that is wrong with a config.
struct ConfigProblem
{
    std::string pointer; ///< JSON pointer of the place, "" for the file as a whole
    std::string message; ///< value found, what is allowed, nearest known name
};

/// A line each of the first 50, `pointer: message`, and how many more. `whole` stands in place of
/// an empty pointer.
LEYDEN_API std::string problem_lines(
    const std::vector<ConfigProblem>& problems, const std::string& whole);

/// pointer + "/" + key, with ~ and / of the key escaped (RFC 6901).
LEYDEN_API std::string pointer_to(const std::string& pointer, const std::string& key);

} // namespace leyden
