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
/// "5.2 %", "(1 200)", "12 kg", or with a typographic minus sign.
struct NumberSpelling
{
    bool is_ambiguous = false;      ///< "1,234": thousands, or a decimal comma
    bool has_decimal_comma = false; ///< beyond doubt
    bool has_decimal_point = false; ///< likewise
    char thousands = '\0';          ///< the sign between groups of digits; 0: there is none
    bool is_bound = false;          ///< "<5", "~5", "80+": no single number is meant
    bool is_plain_enough = false;   ///< thousands separators and a decimal comma, and nothing else
    std::string plain;              ///< as CSVData reads it: "1234.50"
    std::string style;              ///< "thousands commas and a currency sign"
};
LEYDEN_API std::optional<NumberSpelling> spelled_number(std::string_view cell);

/// A plain number with a text behind it that is no unit known here: "4 doors", "4.5/5", "1.2M".
/// Whether a number is meant shows in the whole column alone.
struct NumberWithText
{
    std::string_view number;
    std::string_view text; ///< "doors"; not empty
};
LEYDEN_API std::optional<NumberWithText> number_with_text(std::string_view cell);

} // namespace leyden
