// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_format.h"

#include "engine/data/csv_spelling.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace leyden {
namespace {

bool is_nan_word(std::string_view text)
{
    constexpr std::string_view nan = "nan";
    return std::equal(text.begin(), text.end(), nan.begin(), nan.end(),
        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a - 'A' + 'a') : a) == b; });
}

bool is_number_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// Spaces of several widths separate thousands alike.
size_t thousands_length(std::string_view text, char thousands)
{
    if (text.front() == thousands)
        return 1;
    if (thousands == ' ')
        for (const std::string_view space : {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"})
            if (text.starts_with(space))
                return space.size();
    return thousands == '\'' && text.starts_with("\xE2\x80\x99") ? 3 : 0;
}

} // namespace

char separator_of(const std::string& sep)
{
    return sep == "\\t" || sep == "tab" ? '\t' : sep.front();
}

CsvCellReader::CsvCellReader(const CsvFormat& format)
    : decimal_(format.decimal), thousands_(format.thousands)
{
    for (const auto& value : format.na_values) {
        has_empty_ = has_empty_ || value.empty();
        has_na_ = has_na_ || value == "NA";
        has_nan_ = has_nan_ || is_nan_word(value);
        if (!value.empty() && value != "NA" && !is_nan_word(value))
            words_.emplace_back(trimmed_cell(value));
    }
}

bool CsvCellReader::is_missing(std::string_view cell) const
{
    cell = trimmed_cell(cell);
    if (cell.empty())
        return has_empty_;
    return (has_na_ && cell == "NA") || (has_nan_ && is_nan_word(cell))
        || (!words_.empty() && std::find(words_.begin(), words_.end(), cell) != words_.end());
}

CsvCell CsvCellReader::read(std::string_view cell, double& number) const
{
    cell = trimmed_cell(cell);
    if (is_missing(cell))
        return CsvCell::Missing;
    if (cell.empty())
        return CsvCell::Text;

    std::optional<std::string> plain_text;
    auto digits = cell;
    if (!is_plain()) {
        plain_text = plain(cell);
        if (!plain_text)
            return CsvCell::Text;
        digits = *plain_text;
    }
    if (digits.front() == '+' && digits.size() > 1 && digits[1] != '-')
        digits.remove_prefix(1);
    const auto* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number);
    if (result.ptr != end || result.ec == std::errc::invalid_argument)
        return CsvCell::Text;
    if (result.ec == std::errc::result_out_of_range) // or too small, which strtod rounds
        number = std::strtod(std::string(digits).c_str(), nullptr);
    if (std::isnan(number)) // "nan(...)", "-nan"
        return has_nan_ ? CsvCell::Missing : CsvCell::Text;
    return std::isinf(number) ? CsvCell::Infinite : CsvCell::Number;
}

std::optional<std::string> CsvCellReader::plain(std::string_view cell) const
{
    cell = trimmed_cell(cell);
    if (is_plain() || cell.empty())
        return std::string(cell);
    std::string text;
    size_t at = 0;
    if (cell[0] == '-' || cell[0] == '+')
        text += cell[at++];
    size_t group = 0;      // digits since the last separator
    size_t groups = 0;     // separators
    auto last = size_t(3); // digits of the group before, but for the first
    for (; at < cell.size(); ++at) {
        if (is_number_digit(cell[at])) {
            text += cell[at];
            ++group;
            continue;
        }
        const auto length = thousands_ != '\0' ? thousands_length(cell.substr(at), thousands_) : 0;
        if (length == 0)
            break;
        // As in "12.345.678", or in India "12,34,567": then all but the last are of two digits.
        if (group == 0 || group > 3 || (groups > 0 && group != 2 && group != 3)
            || (groups > 1 && group != last))
            return {};
        last = groups > 0 ? group : last;
        group = 0;
        ++groups;
        at += length - 1;
    }
    if (groups > 0 && (group != 3 || (last == 2 && thousands_ != ',')))
        return {};
    if (at < cell.size() && cell[at] == decimal_) {
        text += '.';
        ++at;
    }
    const auto rest = cell.substr(at);
    if (rest.find_first_of(".,") != std::string_view::npos)
        return {}; // a sign of another format
    return text + std::string(rest);
}

} // namespace leyden
