// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <optional>
#include <string_view>

namespace leyden {

/// What tables write for a value that is missing, and CSVData does not take for one: "N/A", "null",
/// "?", "-", "#DIV/0!", "k.A.". `is_certain`: only what is hardly ever a text of its own ("None" and
/// "-" may be).
LEYDEN_API bool is_missing_mark(std::string_view cell, bool is_certain = false);

/// A day or a month, with or without a time: "2024-01-05", "5.1.2024", "01/05/24 12:30",
/// "Jan 5, 2024", "2024-03", "Mar 2024", "2024-W05", "Q1 2024", "20240305T1230".
LEYDEN_API bool reads_like_date(std::string_view cell);

/// A time of day or a duration: "12:30", "9:05:07.5", "12:30 pm", "1h 30m".
LEYDEN_API bool reads_like_time(std::string_view cell);

/// True, TRUE, true, False, FALSE, false, as pandas reads them.
std::optional<bool> read_boolean(std::string_view cell);
inline constexpr std::string_view boolean_text(bool value)
{
    return value ? "True" : "False";
}

/// A pair of words for yes and no, in any case: what a column of booleans may be written with.
struct BooleanWord
{
    int pair = 0; ///< true/false, yes/no, y/n, t/f, on/off
    bool value = false;
};
LEYDEN_API std::optional<BooleanWord> boolean_word(std::string_view cell);

} // namespace leyden
