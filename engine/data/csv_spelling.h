// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leyden {

/// Without spaces and tabs at either end.
std::string_view trimmed_cell(std::string_view cell);

/// A cell as a message shows it: in quotes, on one line, cut after some 60 bytes.
std::string shown_cell(std::string_view cell);

/// The exact value of a decimal number, for those that a double would take for one another.
struct NumberKey
{
    bool is_negative = false;
    std::string digits;   ///< without zeros at either end; empty for 0
    int64_t exponent = 0; ///< value = 0.digits * 10^exponent

    static NumberKey of(std::string_view cell);   ///< a cell that read_cell calls a Number
    std::string text() const;                     ///< the same for equal values
    bool operator<(const NumberKey& other) const; ///< by value
};

/// How a cell that is no number for CSVData writes one all the same: "1,234.50", "3,14", "$5",
/// "5.2 %", "(1 200)", or with a typographic minus sign.
struct NumberSpelling
{
    bool is_ambiguous = false;      ///< "1,234": thousands, or a decimal comma
    bool has_decimal_comma = false; ///< beyond doubt
    std::string plain;              ///< as CSVData reads it: "1234.50"
    std::string style;              ///< "thousands commas and a currency sign"
};
LEYDEN_API std::optional<NumberSpelling> spelled_number(std::string_view cell);

/// What tables write for a value that is missing, and CSVData does not take for one: "N/A", "null",
/// "?", "-", "#DIV/0!". `is_certain`: only what is hardly ever a text of its own ("None" and "-"
/// may be).
LEYDEN_API bool is_missing_mark(std::string_view cell, bool is_certain = false);

/// A day, with or without a time: "2024-01-05", "5.1.2024", "01/05/24 12:30", "Jan 5, 2024".
LEYDEN_API bool reads_like_date(std::string_view cell);

/// True, TRUE, true, False, FALSE, false, as pandas reads them.
std::optional<bool> read_boolean(std::string_view cell);
inline constexpr std::string_view boolean_text(bool value)
{
    return value ? "True" : "False";
}

} // namespace leyden
