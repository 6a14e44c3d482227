// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>

#include <string>
#include <string_view>

namespace leyden {

// What parse_yaml() says of a text that it cannot read.

/// "line 3, column 7"; columns count characters.
std::string yaml_place(std::string_view text, const YAML::Mark& mark);

/// Place and reason of what yaml-cpp refused, in one sentence. `last`: of the last thing that it
/// read whole.
std::string yaml_problem(
    std::string_view text, const YAML::Exception& error, const YAML::Mark& last);

/// Why the bytes are no text that YAML can hold; "" where they are.
std::string refused_bytes(std::string_view text);

} // namespace leyden
