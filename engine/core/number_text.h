// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <limits>
#include <string>
#include <string_view>

namespace leyden {

/// A double as Python's repr writes it: shortest text that reads back equal ("0.1", "1e-05",
/// "1e+16", "2.0", "nan", "inf", "-inf"). Never depends on the locale.
LEYDEN_API std::string python_repr(double value);

/// Not-a-number without a sign, so that printf's formats write "nan" and never "-nan".
inline double unsigned_nan(double value)
{
    return value == value ? value : std::numeric_limits<double>::quiet_NaN();
}

/// A double as JSON: python_repr, with "NaN", "Infinity" and "-Infinity" in quotes.
LEYDEN_API std::string json_number(double value);

/// Text as a JSON string, quotes included.
LEYDEN_API std::string json_quoted(std::string_view text);

} // namespace leyden
