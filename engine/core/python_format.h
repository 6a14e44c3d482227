// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace leyden {

/// format(value, spec) as Python writes it for an int or a float: fill, alignment, sign, "z", "#",
/// "0", width, "," or "_", precision, and the types b c d o x X n e E f F g G %. Nothing where
/// Python would raise ValueError. "n" writes as in the C locale.
///
/// Source: Python's Format Specification Mini-Language.
LEYDEN_API std::optional<std::string> python_format(
    const std::variant<int64_t, double>& value, const std::string& spec);

} // namespace leyden
