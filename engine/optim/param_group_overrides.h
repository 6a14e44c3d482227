// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// Options of their own for parameters by name: "params" is a regular expression (ECMAScript) that
/// matches whole names, the other keys are options of the optimizer. The first that matches counts.
using ParamGroupOverrides = std::vector<
    std::map<std::string, std::variant<bool, int64_t, double, std::string, std::vector<double>>>>;

} // namespace leyden
