// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_words.h"

#include "engine/config/nearest_name.h"
#include "engine/data/csv_spelling.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace leyden {
namespace {

bool is_date_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_date_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool are_date_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_date_digit);
}

int value_of(std::string_view digits)
{
    auto value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

bool is_month_name(std::string_view word)
{
    constexpr std::array<std::string_view, 12> months{"january", "february", "march", "april",
        "may", "june", "july", "august", "september", "october", "november", "december"};
    const auto lower = lower_case(std::string(word));
    return std::any_of(months.begin(), months.end(), [&](std::string_view month) {
        return lower == month
            || (lower.size() >= 3 && lower.size() <= 4 && month.starts_with(lower));
    });
}

/// What may follow a day: "12:30", "12:30:05.25", "12:30 pm", "12:30:05+02:00", "12:30Z".
bool is_time_of_day(std::string_view text)
{
    const auto colon = text.find(':');
    return (colon == 1 || colon == 2) && are_date_digits(text.substr(0, colon))
        && text.find_first_not_of("0123456789:.+-ZzAaPpMm UTCGMT") == std::string_view::npos;
}

bool is_day_and_month(int one, int other)
{
    return one >= 1 && other >= 1 && std::min(one, other) <= 12 && std::max(one, other) <= 31;
}

bool is_year(std::string_view part)
{
    return part.size() == 4 && are_date_digits(part) && value_of(part) >= 1000
        && value_of(part) < 3000;
}

/// "W05", "Q1".
bool is_week_or_quarter(std::string_view part)
{
    if (part.size() < 2 || !are_date_digits(part.substr(1)))
        return false;
    const auto number = value_of(part.substr(1));
    const auto letter = part.front() | 0x20;
    return number >= 1
        && ((letter == 'q' && part.size() == 2 && number <= 4)
            || (letter == 'w' && part.size() <= 3 && number <= 53));
}

/// "2024-03", "3/2024", "2024-W05", "Q1 2024".
bool are_year_and_month(const std::vector<std::string_view>& parts, char separator)
{
    if (parts.size() != 2)
        return false;
    const auto is_month = [&](std::string_view part) {
        return are_date_digits(part) && part.size() <= 2 && value_of(part) >= 1
            && value_of(part) <= 12 && separator != ' ' && separator != ',';
    };
    for (const auto& [year, part] : {std::pair(parts[0], parts[1]), std::pair(parts[1], parts[0])})
        if (is_year(year) && (is_month(part) || is_week_or_quarter(part)))
            return true;
    return false;
}

bool are_date_numbers(const std::vector<std::string_view>& parts)
{
    if (parts.size() != 3)
        return false;
    for (const auto part : parts)
        if (!are_date_digits(part) || part.size() > 4)
            return false;
    const auto has_four = [](std::string_view part) { return part.size() == 4; };
    const auto is_short = [](std::string_view part) { return part.size() <= 2; };
    if (!is_short(parts[1]))
        return false;
    if (has_four(parts[0]) && is_short(parts[2]))
        return is_day_and_month(value_of(parts[1]), value_of(parts[2]));
    return is_short(parts[0]) && (has_four(parts[2]) || parts[2].size() == 2)
        && is_day_and_month(value_of(parts[0]), value_of(parts[1]));
}

/// "20240305T1230", and "2024Q1" and "2024W05", which have no separator either.
bool is_compact_date(std::string_view text)
{
    if (text.size() > 4 && is_year(text.substr(0, 4)) && is_week_or_quarter(text.substr(4)))
        return true;
    return text.size() >= 11 && text[8] == 'T' && are_date_digits(text.substr(0, 8))
        && is_year(text.substr(0, 4))
        && is_day_and_month(value_of(text.substr(4, 2)), value_of(text.substr(6, 2)))
        && is_date_digit(text[9]);
}

/// "1h 30m", "2 days 3 hours": at least two numbers, each with its unit.
bool is_duration(std::string_view text)
{
    constexpr std::array<std::string_view, 16> times{"d", "h", "m", "s", "day", "days", "hour",
        "hours", "hr", "hrs", "min", "mins", "sec", "minutes", "seconds", "ms"};
    auto parts = 0;
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        auto rest = trimmed_cell(text.substr(digits));
        const auto letters
            = size_t(std::find_if_not(rest.begin(), rest.end(), is_date_letter) - rest.begin());
        const auto unit = lower_case(std::string(rest.substr(0, letters)));
        if (digits == 0 || std::find(times.begin(), times.end(), unit) == times.end())
            return false;
        text = trimmed_cell(rest.substr(letters));
        ++parts;
    }
    return parts > 1;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> boolean_pairs{
    {{"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"}}};

} // namespace

bool is_missing_mark(std::string_view cell, bool is_certain)
{
    constexpr std::array<std::string_view, 27> certain{"n/a", "#n/a", "#n/a n/a", "#na", "<na>",
        "na", "n.a.", "n.a", "null", "(null)", "\\n", "?", "??", "nat", "#div/0!", "#value!",
        "#ref!", "#num!", "#name?", "#null!", "1.#ind", "-1.#ind", "k.a.", "k. a.", "k.a",
        "keine angabe", "n.v."};
    constexpr std::array<std::string_view, 31> likely{"-", "--", "---", "\xE2\x80\x93",
        "\xE2\x80\x94", ".", "..", "...", "*", "none", "nil", "missing", "unknown", "undefined",
        "not available", "not applicable", "tbd", "1.#qnan", "-1.#qnan", "unbekannt", "fehlt",
        "n.d.", "nd", "s/d", "s/o", "inconnu", "desconocido", "no data", "not known", "empty",
        "blank"};
    constexpr size_t longest = 14;
    cell = trimmed_cell(cell);
    if (cell.empty() || cell.size() > longest)
        return false;
    const auto lower = lower_case(std::string(cell));
    return std::find(certain.begin(), certain.end(), lower) != certain.end()
        || (!is_certain && std::find(likely.begin(), likely.end(), lower) != likely.end());
}

bool reads_like_date(std::string_view cell)
{
    auto text = trimmed_cell(cell);
    constexpr size_t longest = 40;
    if (text.size() < 6 || text.size() > longest
        || !(is_date_digit(text.front()) || is_date_letter(text[0])))
        return false;
    if (is_compact_date(text))
        return true;
    const auto day_end = text.find_first_of(" T", is_date_letter(text[0]) ? 3 : 6);
    if (day_end != std::string_view::npos && is_time_of_day(trimmed_cell(text.substr(day_end + 1))))
        text = text.substr(0, day_end);
    std::vector<std::string_view> parts;
    char separator = '\0';
    for (size_t first = 0; first < text.size();) {
        const auto end = std::min(text.find_first_of("-/., ", first), text.size());
        if (end > first)
            parts.push_back(text.substr(first, end - first));
        if (end < text.size()) {
            if (separator != '\0' && separator != text[end]
                && are_date_digits(parts.empty() ? "" : parts[0])
                && std::none_of(parts.begin(), parts.end(), is_month_name))
                return false; // "2024-01/05"
            separator = text[end];
        }
        first = end + 1;
    }
    if (are_date_numbers(parts))
        return separator != ',' && separator != ' ';
    if (are_year_and_month(parts, separator))
        return true;
    const auto months = std::count_if(parts.begin(), parts.end(), is_month_name);
    const auto numbers = std::count_if(parts.begin(), parts.end(), [](std::string_view part) {
        if (part.size() > 2 && part.size() <= 4 && is_date_digit(part.front())
            && is_date_letter(part.back()))
            part.remove_suffix(2); // "5th"
        return are_date_digits(part) && (part.size() <= 2 || part.size() == 4);
    });
    const auto has_weekday = parts.size() == 4; // "Mon 5 Jan 2024"
    if (parts.size() == 2)                      // "Mar 2024", "24-Jan"
        return months == 1 && numbers == 1;
    return months == 1 && numbers == 2 && (parts.size() == 3 || has_weekday);
}

bool reads_like_time(std::string_view cell)
{
    auto text = trimmed_cell(cell);
    for (const std::string_view end : {"am", "pm", "AM", "PM", "a.m.", "p.m."})
        if (text.ends_with(end)) {
            text = trimmed_cell(text.substr(0, text.size() - end.size()));
            break;
        }
    if (is_duration(text))
        return true;
    const auto first = text.find(':');
    if (first == std::string_view::npos || first > 3 || !are_date_digits(text.substr(0, first)))
        return false;
    auto rest = text.substr(first + 1);
    const auto takes_sixty = [&rest] {
        const bool fits = rest.size() >= 2 && are_date_digits(rest.substr(0, 2)) && rest[0] < '6';
        rest.remove_prefix(fits ? 2 : 0);
        return fits;
    };
    if (!takes_sixty())
        return false;
    if (rest.empty())
        return true;
    if (rest.front() == ':') {
        rest.remove_prefix(1);
        if (!takes_sixty())
            return false;
    }
    return rest.empty() || (rest.front() == '.' && are_date_digits(rest.substr(1)));
}

std::optional<bool> read_boolean(std::string_view cell)
{
    cell = trimmed_cell(cell);
    if (cell == "True" || cell == "TRUE" || cell == "true")
        return true;
    if (cell == "False" || cell == "FALSE" || cell == "false")
        return false;
    return {};
}

std::optional<BooleanWord> boolean_word(std::string_view cell)
{
    constexpr size_t longest = 5;
    cell = trimmed_cell(cell);
    if (cell.empty() || cell.size() > longest)
        return {};
    const auto lower = lower_case(std::string(cell));
    for (size_t i = 0; i < boolean_pairs.size(); ++i)
        if (lower == boolean_pairs[i].first || lower == boolean_pairs[i].second)
            return BooleanWord{int(i), lower == boolean_pairs[i].first};
    return {};
}

} // namespace leyden
