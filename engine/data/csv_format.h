// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// How a file writes a table: what the options of CSVData say, or what was found for "auto".
struct CsvFormat
{
    char separator = ',';
    char decimal = '.';
    char thousands = '\0'; ///< between groups of digits; 0: nothing may
    std::string encoding = "utf-8";
    std::vector<std::string> na_values{"", "NA", "NaN"}; ///< "NaN" in any case

    bool operator==(const CsvFormat&) const = default;
};

/// The separator that the option `sep` names; a tab may be written "\t" or "tab".
char separator_of(const std::string& sep);

enum class CsvCell { Missing, Number, Infinite, Text };

/// Reads cells as a format writes them.
class LEYDEN_API CsvCellReader
{
public:
    explicit CsvCellReader(const CsvFormat& format = {});

    /// What a cell holds; spaces around it are ignored. Missing: one of na_values. Infinite: "inf",
    /// "infinity" with any sign and case, or a number beyond double; else a decimal number
    /// ("-1.5e3", "+2"), which is stored in `number`.
    CsvCell read(std::string_view cell, double& number) const;

    bool is_missing(std::string_view cell) const;

    /// A number without thousands separators, and with a decimal point: what a double is read from.
    /// Nothing where the cell cannot be one.
    std::optional<std::string> plain(std::string_view cell) const;

    char decimal() const { return decimal_; }
    char thousands() const { return thousands_; }

private:
    bool is_plain() const { return decimal_ == '.' && thousands_ == '\0'; }

    char decimal_;
    char thousands_;
    bool has_empty_ = false; ///< among the missing values
    bool has_na_ = false;
    bool has_nan_ = false;
    std::vector<std::string> words_; ///< the others
};

} // namespace leyden
