// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_spelling.h"

#include "engine/config/nearest_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace leyden {
namespace {

bool is_decimal_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool are_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_decimal_digit);
}

bool take_front(std::string_view& text, std::string_view start)
{
    if (!text.starts_with(start))
        return false;
    text = trimmed_cell(text.substr(start.size()));
    return true;
}

bool take_back(std::string_view& text, std::string_view end)
{
    if (!text.ends_with(end))
        return false;
    text = trimmed_cell(text.substr(0, text.size() - end.size()));
    return true;
}

/// Typographic signs as those of ASCII; true where a minus sign was among them.
bool to_ascii(std::string& text)
{
    constexpr std::array<std::pair<std::string_view, char>, 8> signs{{
        {"\xC2\xA0", ' '},
        {"\xE2\x80\xAF", ' '},
        {"\xE2\x80\x89", ' '},
        {"\xE2\x80\x87", ' '},
        {"\xE2\x88\x92", '-'},
        {"\xE2\x80\x93", '-'},
        {"\xE2\x80\x99", '\''},
        {"\xEF\xBC\x85", '%'}, // full width
    }};
    auto has_minus = false;
    for (const auto& [sign, ascii] : signs)
        for (size_t at; (at = text.find(sign)) != std::string::npos;) {
            text.replace(at, sign.size(), 1, ascii);
            has_minus = has_minus || ascii == '-';
        }
    return has_minus;
}

/// A currency's sign or code at either end, once.
bool take_currency(std::string_view& text)
{
    constexpr std::array<std::string_view, 24> signs{"US$", "R$", "$", "\xC2\xA3", "\xC2\xA5",
        "\xC2\xA2", "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "RMB", "INR", "CAD", "AUD", "SEK",
        "NOK", "DKK", "PLN", "BRL", "kr", "Rs.", "Rs"};
    for (const auto sign : signs)
        if (take_front(text, sign) || take_back(text, sign))
            return true;
    // U+20A0 to U+20BF are the signs of currencies, the euro's among them.
    const auto is_sign = [](std::string_view three) {
        const auto last = static_cast<unsigned char>(three[2]);
        return three.starts_with("\xE2\x82") && last >= 0xA0 && last <= 0xBF;
    };
    if (text.size() > 3 && is_sign(text.substr(0, 3)))
        return take_front(text, text.substr(0, 3));
    return text.size() > 3 && is_sign(text.substr(text.size() - 3))
        && take_back(text, text.substr(text.size() - 3));
}

/// Groups of three digits after the first (or of two before the last, as in India).
bool are_groups(std::string_view text, char separator, std::string& digits)
{
    std::vector<std::string_view> groups;
    for (size_t first = 0; first <= text.size();) {
        const auto end = std::min(text.find(separator, first), text.size());
        groups.push_back(text.substr(first, end - first));
        first = end + 1;
    }
    if (groups.size() < 2 || groups.front().size() > 3 || groups.back().size() != 3)
        return false;
    const auto middle = groups.size() > 2 ? groups[1].size() : 3;
    if (middle != 3 && (middle != 2 || separator != ','))
        return false;
    for (size_t i = 0; i < groups.size(); ++i) {
        if (!are_digits(groups[i])
            || (i > 0 && i + 1 < groups.size() && groups[i].size() != middle))
            return false;
        digits += groups[i];
    }
    return true;
}

const char* thousands_style(char separator)
{
    switch (separator) {
    case ',':
        return "thousands commas";
    case '.':
        return "thousands points";
    case '\'':
        return "thousands apostrophes";
    default:
        return "thousands spaces";
    }
}

/// "1,234.50" or "1.234,50" or "1 234,5", without sign and exponent.
bool read_mantissa(std::string_view text, NumberSpelling& number, std::vector<std::string>& styles)
{
    const auto commas = std::count(text.begin(), text.end(), ',');
    const auto points = std::count(text.begin(), text.end(), '.');
    char decimal = '\0';
    if (commas > 0 && points > 0)
        decimal = text.rfind(',') > text.rfind('.') ? ',' : '.';
    else if (points == 1)
        decimal = '.';
    else if (commas == 1)
        decimal = ',';
    const auto mark = decimal == '\0' ? std::string_view::npos : text.find(decimal);
    auto whole = text.substr(0, mark);
    auto fraction = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
    if (decimal == ',' && points == 0 && fraction.size() == 3 && are_digits(fraction)
        && are_digits(whole) && whole.size() <= 3 && whole.front() != '0') {
        number.is_ambiguous = true;
        styles.emplace_back(thousands_style(','));
        number.plain += std::string(whole) + std::string(fraction);
        return true;
    }
    if (!fraction.empty() && !are_digits(fraction))
        return false;
    if (whole.empty() && fraction.empty())
        return false;
    const auto separator = whole.find_first_of(",.' ");
    if (separator != std::string_view::npos) {
        std::string digits;
        const auto sign = whole[separator];
        if (sign == decimal || !are_groups(whole, sign, digits))
            return false;
        styles.emplace_back(thousands_style(sign));
        number.plain += digits;
    } else {
        if (!whole.empty() && !are_digits(whole))
            return false;
        number.plain += whole.empty() ? "0" : std::string(whole);
    }
    if (decimal == ',') {
        styles.emplace_back("a decimal comma");
        number.has_decimal_comma = true;
    }
    if (!fraction.empty())
        number.plain += "." + std::string(fraction);
    return true;
}

/// Cuts "e5" off the end, where a digit stands before it.
std::string_view take_exponent(std::string_view& text)
{
    const auto at = text.find_last_of("eE");
    if (at == std::string_view::npos || at == 0)
        return {};
    auto digits = text.substr(at + 1);
    if (!digits.empty() && (digits.front() == '-' || digits.front() == '+'))
        digits.remove_prefix(1);
    if (!are_digits(digits))
        return {};
    const auto exponent = text.substr(at);
    text = text.substr(0, at);
    return exponent;
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

/// "12:30", "12:30:05.25", "12:30 pm", "12:30:05+02:00", "12:30Z".
bool is_time(std::string_view text)
{
    const auto colon = text.find(':');
    return (colon == 1 || colon == 2) && are_digits(text.substr(0, colon))
        && text.find_first_not_of("0123456789:.+-ZzAaPpMm UTCGMT") == std::string_view::npos;
}

bool is_day_and_month(int one, int other)
{
    return one >= 1 && other >= 1 && std::min(one, other) <= 12 && std::max(one, other) <= 31;
}

bool are_date_numbers(const std::vector<std::string_view>& parts)
{
    if (parts.size() != 3)
        return false;
    for (const auto part : parts)
        if (!are_digits(part) || part.size() > 4)
            return false;
    const auto is_year = [](std::string_view part) { return part.size() == 4; };
    const auto is_short = [](std::string_view part) { return part.size() <= 2; };
    if (!is_short(parts[1]))
        return false;
    if (is_year(parts[0]) && is_short(parts[2]))
        return is_day_and_month(value_of(parts[1]), value_of(parts[2]));
    return is_short(parts[0]) && (is_year(parts[2]) || parts[2].size() == 2)
        && is_day_and_month(value_of(parts[0]), value_of(parts[1]));
}

} // namespace

std::string_view trimmed_cell(std::string_view cell)
{
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t'))
        cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t'))
        cell.remove_suffix(1);
    return cell;
}

std::string shown_cell(std::string_view cell)
{
    constexpr size_t most = 60;
    auto length = std::min(cell.size(), most);
    while (length < cell.size() && length > 0
        && (static_cast<unsigned char>(cell[length]) & 0xC0) == 0x80) // within a character
        --length;
    std::string text = "\"";
    for (const auto c : cell.substr(0, length))
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    return text + (length < cell.size() ? "...\"" : "\"");
}

NumberKey NumberKey::of(std::string_view cell)
{
    cell = trimmed_cell(cell);
    NumberKey key;
    if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) {
        key.is_negative = cell.front() == '-';
        cell.remove_prefix(1);
    }
    if (const auto at = cell.find_first_of("eE"); at != std::string_view::npos) {
        auto exponent = cell.substr(at + 1);
        if (exponent.starts_with('+'))
            exponent.remove_prefix(1);
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), key.exponent);
        cell = cell.substr(0, at);
    }
    const auto point = std::min(cell.find('.'), cell.size());
    key.exponent += int64_t(point);
    key.digits = cell.substr(0, point);
    if (point < cell.size())
        key.digits += cell.substr(point + 1);
    const auto first = std::min(key.digits.find_first_not_of('0'), key.digits.size());
    key.digits.erase(0, first);
    key.exponent -= int64_t(first);
    key.digits.erase(key.digits.find_last_not_of('0') + 1);
    if (key.digits.empty())
        key = {};
    return key;
}

std::string NumberKey::text() const
{
    return (is_negative ? "-" : "") + digits + "e" + std::to_string(exponent);
}

bool NumberKey::operator<(const NumberKey& other) const
{
    const auto sign = [](const NumberKey& key) {
        return key.digits.empty() ? 0 : key.is_negative ? -1 : 1;
    };
    if (sign(*this) != sign(other) || digits.empty())
        return sign(*this) < sign(other);
    const auto& low = is_negative ? other : *this;
    const auto& high = is_negative ? *this : other;
    return low.exponent != high.exponent ? low.exponent < high.exponent : low.digits < high.digits;
}

std::optional<NumberSpelling> spelled_number(std::string_view cell)
{
    constexpr size_t longest = 60; // none of these is longer
    if (cell.size() > longest || cell.find_first_of("0123456789") == std::string_view::npos)
        return {};
    std::string ascii(trimmed_cell(cell));
    std::vector<std::string> styles;
    if (to_ascii(ascii))
        styles.emplace_back("a typographic minus sign");
    const auto had_spaces = trimmed_cell(ascii).size() != trimmed_cell(cell).size();
    auto text = trimmed_cell(ascii);
    NumberSpelling number;
    auto is_negative = false;
    if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
        text = trimmed_cell(text.substr(1, text.size() - 2));
        styles.emplace_back("parentheses for a minus sign");
        is_negative = true;
    }
    const auto take_sign = [&] {
        if (take_front(text, "-"))
            is_negative = true;
        else
            take_front(text, "+");
    };
    take_sign();
    if (take_back(text, "%"))
        styles.emplace_back("a percent sign");
    auto scale = std::string_view();
    if (take_currency(text)) {
        styles.emplace_back("a currency sign");
        if (!is_negative)
            take_sign();
        for (const auto& [suffix, power] : {std::pair("K", "e3"), std::pair("k", "e3"),
                 std::pair("M", "e6"), std::pair("B", "e9")})
            if (scale.empty() && take_back(text, suffix))
                scale = power;
    }
    const auto exponent = take_exponent(text);
    if (text.empty()
        || !(is_decimal_digit(text.front()) || text.front() == '.' || text.front() == ',')
        || !read_mantissa(text, number, styles))
        return {};
    if (styles.empty() && !had_spaces)
        return {}; // a plain number, or none
    number.plain
        = (is_negative ? "-" : "") + number.plain + std::string(exponent) + std::string(scale);
    for (size_t i = 0; i < styles.size(); ++i)
        number.style += (i == 0 ? "" : i + 1 == styles.size() ? " and " : ", ") + styles[i];
    if (styles.empty())
        number.style = "no-break spaces";
    return number;
}

bool is_missing_mark(std::string_view cell, bool is_certain)
{
    constexpr std::array<std::string_view, 21> certain{"n/a", "#n/a", "#n/a n/a", "#na", "<na>",
        "na", "n.a.", "null", "(null)", "\\n", "?", "??", "nat", "#div/0!", "#value!", "#ref!",
        "#num!", "#name?", "#null!", "1.#ind", "-1.#ind"};
    constexpr std::array<std::string_view, 19> likely{"-", "--", "---", "\xE2\x80\x93",
        "\xE2\x80\x94", ".", "..", "...", "*", "none", "nil", "missing", "unknown", "undefined",
        "not available", "not applicable", "tbd", "1.#qnan", "-1.#qnan"};
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
        || !(is_decimal_digit(text.front()) || is_ascii_letter(text[0])))
        return false;
    const auto day_end = text.find_first_of(" T", is_ascii_letter(text[0]) ? 3 : 6);
    if (day_end != std::string_view::npos && is_time(trimmed_cell(text.substr(day_end + 1))))
        text = text.substr(0, day_end);
    std::vector<std::string_view> parts;
    char separator = '\0';
    for (size_t first = 0; first < text.size();) {
        const auto end = std::min(text.find_first_of("-/., ", first), text.size());
        if (end > first)
            parts.push_back(text.substr(first, end - first));
        if (end < text.size()) {
            if (separator != '\0' && separator != text[end]
                && are_digits(parts.empty() ? "" : parts[0])
                && std::none_of(parts.begin(), parts.end(), is_month_name))
                return false; // "2024-01/05"
            separator = text[end];
        }
        first = end + 1;
    }
    if (are_date_numbers(parts))
        return separator != ',' && separator != ' ';
    const auto months = std::count_if(parts.begin(), parts.end(), is_month_name);
    const auto numbers = std::count_if(parts.begin(), parts.end(), [](std::string_view part) {
        if (part.size() > 2 && part.size() <= 4 && is_decimal_digit(part.front())
            && is_ascii_letter(part.back()))
            part.remove_suffix(2); // "5th"
        return are_digits(part) && (part.size() <= 2 || part.size() == 4);
    });
    const auto has_weekday = parts.size() == 4; // "Mon 5 Jan 2024"
    return months == 1 && numbers == 2 && (parts.size() == 3 || has_weekday);
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

} // namespace leyden
