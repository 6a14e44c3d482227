// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_column.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <unordered_set>

namespace leyden {
namespace {

bool is_word(std::string_view text, std::string_view lower_case)
{
    return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a - 'A' + 'a') : a) == b; });
}

} // namespace

CsvCell read_cell(std::string_view cell, double& number)
{
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t'))
        cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t'))
        cell.remove_suffix(1);
    if (cell.empty() || cell == "NA" || is_word(cell, "nan"))
        return CsvCell::Missing;

    auto digits = cell;
    if (digits.front() == '+' && digits.size() > 1 && digits[1] != '-')
        digits.remove_prefix(1);
    const auto* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number);
    if (result.ptr != end || result.ec == std::errc::invalid_argument)
        return CsvCell::Text;
    if (result.ec == std::errc::result_out_of_range) // or too small, which strtod rounds
        number = std::strtod(std::string(digits).c_str(), nullptr);
    if (std::isnan(number)) // "nan(...)", "-nan"
        return CsvCell::Missing;
    return std::isinf(number) ? CsvCell::Infinite : CsvCell::Number;
}

CsvColumn read_column(const CsvTable& table, size_t column)
{
    CsvColumn result;
    const auto rows = table.rows();
    result.cells.resize(size_t(rows));
    result.numbers.assign(size_t(rows), std::numeric_limits<double>::quiet_NaN());
    int64_t number_count = 0;
    int64_t text_count = 0;
    auto is_whole = true;
    for (int64_t row = 0; row < rows; ++row) {
        double number = 0.0;
        const auto cell = read_cell(table.cell(row, column), number);
        result.cells[size_t(row)] = cell;
        switch (cell) {
        case CsvCell::Missing:
            ++result.missing;
            continue;
        case CsvCell::Number:
            ++number_count;
            result.numbers[size_t(row)] = number;
            is_whole = is_whole && number == std::floor(number);
            continue;
        case CsvCell::Infinite:
            ++number_count;
            break;
        case CsvCell::Text:
            ++text_count;
            break;
        }
        if (result.first_bad < 0)
            result.first_bad = row;
    }
    if (text_count > 0)
        result.type = number_count > text_count ? CsvColumn::Type::Mixed : CsvColumn::Type::Text;
    result.is_whole = result.type == CsvColumn::Type::Number && is_whole && number_count > 0
        && result.first_bad < 0;
    return result;
}

std::string shortest_text(double number)
{
    char text[32];
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return std::to_string(int64_t(number));
    const auto result = std::to_chars(text, text + sizeof text, number);
    return {text, result.ptr};
}

int64_t count_distinct(std::span<const double> numbers, int64_t limit)
{
    std::unordered_set<double> seen;
    for (const auto number : numbers) {
        if (!std::isnan(number))
            seen.insert(number);
        if (int64_t(seen.size()) > limit)
            break;
    }
    return int64_t(seen.size());
}

} // namespace leyden
