// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_spelling.h"

#include "engine/data/csv_units.h"

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
    constexpr std::array<std::pair<std::string_view, char>, 14> signs{{
        {"\xC2\xA0", ' '},
        {"\xE2\x80\xAF", ' '},
        {"\xE2\x80\x89", ' '},
        {"\xE2\x80\x87", ' '},
        {"\xE2\x88\x92", '-'},
        {"\xE2\x80\x93", '-'},
        {"\xE2\x80\x99", '\''},
        {"\xE3\x80\x80", ' '},
        {"\xC2\xB4", '\''},
        {"\xE2\x80\x98", '\''},
        {"\xE2\x80\xB2", '\''}, // minutes, feet
        {"\xEF\xBC\x85", '%'},  // full width
        {"\xEF\xBC\x8C", ','},
        {"\xEF\xBC\x8E", '.'},
    }};
    auto has_minus = false;
    for (const auto& [sign, ascii] : signs)
        for (size_t at; (at = text.find(sign)) != std::string::npos;) {
            text.replace(at, sign.size(), 1, ascii);
            has_minus = has_minus || ascii == '-';
        }
    constexpr std::string_view full_width = "\xEF\xBC"; // before 0x90 to 0x99: 0 to 9
    for (size_t at = 0; (at = text.find(full_width, at)) != std::string::npos; ++at)
        if (const auto last = at + 2 < text.size() ? static_cast<unsigned char>(text[at + 2]) : 0;
            last >= 0x90 && last <= 0x99)
            text.replace(at, 3, 1, char('0' + (last - 0x90)));
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

/// Groups of three digits after the first (or of two before the last, as in India). "030 123" is a
/// code or a telephone number.
bool are_groups(std::string_view text, char separator, std::string& digits)
{
    std::vector<std::string_view> groups;
    for (size_t first = 0; first <= text.size();) {
        const auto end = std::min(text.find(separator, first), text.size());
        groups.push_back(text.substr(first, end - first));
        first = end + 1;
    }
    if (groups.size() < 2 || groups.front().size() > 3 || groups.back().size() != 3
        || (groups.front().size() > 1 && groups.front().front() == '0'))
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
    case '_':
        return "thousands underscores";
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
        number.thousands = ',';
        styles.emplace_back(thousands_style(','));
        number.plain += std::string(whole) + std::string(fraction);
        return true;
    }
    if (!fraction.empty() && !are_digits(fraction))
        return false;
    if (whole.empty() && fraction.empty())
        return false;
    const auto separator = whole.find_first_of(",.' _");
    if (separator != std::string_view::npos) {
        std::string digits;
        const auto sign = whole[separator];
        if (sign == decimal || !are_groups(whole, sign, digits))
            return false;
        styles.emplace_back(thousands_style(sign));
        number.thousands = sign;
        number.plain += digits;
    } else {
        if (!whole.empty() && !are_digits(whole))
            return false;
        number.plain += whole.empty() ? "0" : std::string(whole);
    }
    number.has_decimal_point
        = decimal == '.' && (number.thousands != '\0' || fraction.size() != 3 || whole.size() > 3);
    if (decimal == ',') {
        styles.emplace_back("a decimal comma");
        number.has_decimal_comma = true;
    }
    if (!fraction.empty())
        number.plain += "." + std::string(fraction);
    return true;
}

/// `5'11"`, `5' 11` and `5'11''`, as inches.
std::optional<std::string> read_feet(std::string_view text)
{
    const auto mark = text.find('\'');
    if (mark == std::string_view::npos || mark > 2)
        return {};
    auto inches = trimmed_cell(text.substr(mark + 1));
    for (const std::string_view end : {"\"", "''", "\xE2\x80\xB3"})
        if (take_back(inches, end))
            break;
    const auto feet = text.substr(0, mark);
    if (!are_digits(feet) || !are_digits(inches) || inches.size() > 2)
        return {};
    return std::to_string(std::stoi(std::string(feet)) * 12 + std::stoi(std::string(inches)));
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

/// What is taken off a number, from either end, until nothing more can be.
class Peeler
{
public:
    explicit Peeler(std::string_view text) : text_(text) { }

    void peel()
    {
        for (auto left = text_.size() + 1; text_.size() < left && !text_.empty();) {
            left = text_.size();
            take_quotes();
            take_parentheses();
            take_sign();
            take_bound();
            take_share();
            if (!has_currency_ && take_currency(text_)) {
                has_currency_ = true;
                styles.emplace_back("a currency sign");
            }
            if (unit.empty() && !(unit = take_unit(text_)).empty())
                styles.push_back("the unit \"" + std::string(unit) + "\"");
        }
        for (const auto& [suffix, power] : {std::pair("K", "e3"), std::pair("k", "e3"),
                 std::pair("M", "e6"), std::pair("B", "e9")})
            if (has_currency_ && scale.empty() && take_back(text_, suffix))
                scale = power;
    }

    std::string_view& text() { return text_; }

    bool is_negative = false;
    bool is_bound = false;
    std::string_view unit;
    std::string_view scale;
    std::vector<std::string> styles;

private:
    /// `"5"` within the field, and what Excel keeps as text by: `'5`, `="5"`.
    void take_quotes()
    {
        auto rest = text_;
        const bool is_formula = take_front(rest, "=");
        const bool is_quoted = take_front(rest, "\"") && take_back(rest, "\"");
        if (!is_quoted) {
            rest = text_;
            if (!take_front(rest, "'") || is_formula)
                return;
        }
        text_ = rest;
        styles.emplace_back("quotes");
    }

    void take_parentheses()
    {
        if (has_sign_ || text_.size() < 3 || text_.front() != '(' || text_.back() != ')')
            return;
        text_ = trimmed_cell(text_.substr(1, text_.size() - 2));
        styles.emplace_back("parentheses for a minus sign");
        has_sign_ = is_negative = true;
    }

    void take_sign()
    {
        if (has_sign_ || text_.empty())
            return;
        if (text_.front() == '-' || text_.front() == '+') {
            has_sign_ = true;
            is_negative = text_.front() == '-';
            if (text_.size() > 1 && text_[1] == ' ')
                styles.emplace_back("a space behind the sign");
            text_ = trimmed_cell(text_.substr(1));
        } else if (text_.size() > 1 && text_.back() == '-') {
            has_sign_ = is_negative = true;
            text_ = trimmed_cell(text_.substr(0, text_.size() - 1));
            styles.emplace_back("the minus sign at its end");
        }
    }

    void take_bound()
    {
        constexpr std::array<std::string_view, 12> before{"<=", ">=", "<", ">", "\xE2\x89\xA4",
            "\xE2\x89\xA5", "~", "\xE2\x89\x88", "ca. ", "ca ", "approx. ", "about "};
        constexpr std::array<std::string_view, 2> behind{"+", "*"};
        const auto take = [this](std::string_view word, const char* place) {
            is_bound = true;
            styles.push_back("\"" + std::string(trimmed_cell(word)) + "\" " + place);
        };
        for (const auto word : before)
            if (!is_bound && take_front(text_, word))
                take(word, "before it");
        for (const auto word : behind)
            if (!is_bound && text_.size() > 1 && take_back(text_, word))
                take(word, "behind it");
    }

    void take_share()
    {
        if (take_back(text_, "%"))
            styles.emplace_back("a percent sign");
        else if (take_back(text_, "\xE2\x80\xB0"))
            styles.emplace_back("a per mille sign");
    }

    std::string_view text_;
    bool has_sign_ = false;
    bool has_currency_ = false;
};

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
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view full_width = "\xEF\xBC";
    if (cell.size() > longest
        || (cell.find_first_of(digits) == std::string_view::npos
            && cell.find(full_width) == std::string_view::npos))
        return {};
    std::string ascii(trimmed_cell(cell));
    const bool had_minus = to_ascii(ascii);
    if (ascii.find_first_of(digits) == std::string::npos)
        return {};
    const auto had_signs = ascii.size() != trimmed_cell(cell).size(); // typographic ones
    Peeler peeler(trimmed_cell(ascii));
    if (had_minus)
        peeler.styles.emplace_back("a typographic minus sign");
    peeler.peel();
    auto& text = peeler.text();
    auto& styles = peeler.styles;
    NumberSpelling number;
    if (auto inches = read_feet(text)) {
        number.plain = std::move(*inches);
        number.style = "feet and inches";
        return number;
    }
    const auto before = styles.size();
    const auto exponent = take_exponent(text);
    if (text.empty()
        || !(is_decimal_digit(text.front()) || text.front() == '.' || text.front() == ',')
        || !read_mantissa(text, number, styles))
        return {};
    if (styles.empty() && !had_signs)
        return {}; // a plain number, or none
    number.is_bound = peeler.is_bound;
    number.is_plain_enough = before == 0 && !styles.empty();
    number.plain = (peeler.is_negative ? "-" : "") + number.plain + std::string(exponent)
        + std::string(peeler.scale);
    for (size_t i = 0; i < styles.size(); ++i)
        number.style += (i == 0 ? "" : i + 1 == styles.size() ? " and " : ", ") + styles[i];
    if (styles.empty())
        number.style = "typographic spaces or digits";
    return number;
}

std::optional<NumberWithText> number_with_text(std::string_view cell)
{
    constexpr size_t longest = 24; // of the text
    const auto text = trimmed_cell(cell);
    auto end = text.find_first_not_of("0123456789.,", text.starts_with('-') ? 1 : 0);
    if (end == std::string_view::npos || end == 0 || text.size() - end > longest)
        return {};
    const auto number = text.substr(0, end);
    const auto digits = number.substr(number.front() == '-' ? 1 : 0);
    const auto marks
        = std::count_if(digits.begin(), digits.end(), [](char c) { return c == '.' || c == ','; });
    if (digits.empty() || !is_decimal_digit(digits.front()) || !is_decimal_digit(digits.back())
        || marks > 1)
        return {};
    const auto first = text[end];
    const bool is_text = first == ' ' || first == '/' || (first >= 'a' && first <= 'z')
        || (first >= 'A' && first <= 'Z') || static_cast<unsigned char>(first) >= 0x80;
    const auto rest = trimmed_cell(text.substr(end));
    if (!is_text || rest.empty() || is_decimal_digit(rest.front()))
        return {}; // "1-2", "12:30", "1 2"
    return NumberWithText{number, rest};
}

} // namespace leyden
