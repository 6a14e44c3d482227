// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/yaml_scalar.h"

#include "engine/config/nearest_name.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace leyden {

namespace {

constexpr std::size_t longest_number = 400; // digits of a double at most, and some underscores

bool is_any_of(const std::string& text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool has_only(std::string_view text, std::string_view allowed)
{
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string without_underscores(std::string_view text)
{
    std::string digits(text);
    std::erase(digits, '_');
    return digits;
}

/// A whole number of these digits; beyond 64 bits a float, as JSON's parser makes it.
std::optional<Json> whole_number(bool is_negative, const std::string& digits, int base)
{
    const auto text = (is_negative ? "-" : "") + digits;
    const auto *begin = text.data(), *end = begin + text.size();
    int64_t value = 0;
    if (const auto [last, error] = std::from_chars(begin, end, value, base);
        last == end && error == std::errc())
        return Json(value);
    uint64_t large = 0;
    if (const auto [last, error] = std::from_chars(begin, end, large, base);
        last == end && error == std::errc())
        return Json(large);
    double rounded = 0.0;
    if (const auto [last, error] = std::from_chars(begin, end, rounded);
        base == 10 && last == end && error == std::errc())
        return Json(rounded);
    return std::nullopt;
}

} // namespace

bool is_yaml_null(const std::string& text)
{
    return is_any_of(text, {"", "~", "null", "Null", "NULL"});
}

std::optional<bool> yaml_bool(const std::string& text)
{
    const auto word = lower_case(text);
    auto capitalized = word;
    if (!word.empty() && word[0] >= 'a' && word[0] <= 'z')
        capitalized[0] = static_cast<char>(word[0] - 'a' + 'A');
    auto upper = word;
    for (char& c : upper)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (text != word && text != capitalized && text != upper)
        return std::nullopt;
    if (is_any_of(word, {"true", "yes", "on"}))
        return true;
    if (is_any_of(word, {"false", "no", "off"}))
        return false;
    return std::nullopt;
}

std::optional<Json> yaml_int(const std::string& text)
{
    if (text.size() > longest_number)
        return std::nullopt;
    std::string_view rest = text;
    const bool is_negative = rest.starts_with('-');
    if (is_negative || rest.starts_with('+'))
        rest.remove_prefix(1);
    int base = 10;
    std::string_view allowed = "0123456789_";
    if (rest.starts_with("0b")) {
        base = 2;
        allowed = "01_";
    } else if (rest.starts_with("0x")) {
        base = 16;
        allowed = "0123456789abcdefABCDEF_";
    } else if (rest.starts_with("0") && rest.size() > 1) { // also without the o
        base = 8;
        allowed = "01234567_";
    }
    if (base != 10)
        rest.remove_prefix(rest.starts_with("0o") || base != 8 ? 2 : 1);
    const auto digits = without_underscores(rest);
    if (!has_only(rest, allowed) || digits.empty() || (base == 10 && rest.front() == '_'))
        return std::nullopt;
    return whole_number(is_negative, digits, base);
}

std::optional<Json> yaml_float(const std::string& text)
{
    if (is_any_of(text, {".nan", ".NaN", ".NAN"}))
        return Json("NaN");
    std::string_view rest = text;
    const bool is_negative = rest.starts_with('-');
    if (is_negative || rest.starts_with('+'))
        rest.remove_prefix(1);
    if (is_any_of(std::string(rest), {".inf", ".Inf", ".INF"}))
        return Json(is_negative ? "-Infinity" : "Infinity");
    if (text.size() > longest_number || rest.empty()
        || rest.find_first_of(".eE") == std::string_view::npos
        || !has_only(rest, "0123456789_.eE+-"))
        return std::nullopt;
    const bool has_digit_first = rest[0] >= '0' && rest[0] <= '9';
    const bool has_point_first
        = rest[0] == '.' && rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9';
    if (!has_digit_first && !has_point_first)
        return std::nullopt;
    const auto number = (is_negative ? "-" : "") + without_underscores(rest);
    double value = 0.0;
    const auto [last, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (last != number.data() + number.size())
        return std::nullopt;
    if (error == std::errc::result_out_of_range && number.find_first_of("eE") != std::string::npos
        && number[number.find_first_of("eE") + 1] == '-')
        return Json(is_negative ? -0.0 : 0.0);
    return error == std::errc() ? std::optional<Json>(value) : std::nullopt;
}

Json yaml_guess(const std::string& text)
{
    if (is_yaml_null(text))
        return nullptr;
    if (const auto flag = yaml_bool(text))
        return *flag;
    if (auto number = yaml_int(text))
        return *number;
    if (auto number = yaml_float(text))
        return *number;
    return text;
}

} // namespace leyden
