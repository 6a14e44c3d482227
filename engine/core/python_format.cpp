// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/python_format.h"

#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace leyden {
namespace {

constexpr int64_t longest = 4096; ///< of widths and precisions: a file's name is far shorter

struct Spec
{
    std::string fill = " ";
    char align = 0; ///< '<', '>', '=', '^'; 0: not said
    char sign = '-';
    bool coerces_zero = false; ///< "z"
    bool is_alternate = false; ///< "#"
    int64_t width = 0;
    char grouping = 0; ///< ',', '_' or 0
    std::optional<int64_t> precision;
    char type = 0;
};

bool is_align(char c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

/// Bytes of the UTF-8 character that begins here.
size_t character_size(const std::string& text, size_t at)
{
    size_t size = 1;
    while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80)
        ++size;
    return size;
}

std::optional<int64_t> take_number(const std::string& text, size_t& at)
{
    int64_t number = 0;
    const auto* begin = text.data() + at;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(begin, end, number);
    if (read.ptr == begin || read.ec != std::errc() || number < 0)
        return std::nullopt;
    at += size_t(read.ptr - begin);
    return number;
}

bool is_digit(const std::string& text, size_t at)
{
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

std::optional<Spec> parse(const std::string& text)
{
    Spec spec;
    size_t at = 0;
    const auto next = [&](char c) { return at < text.size() && text[at] == c && (++at, true); };
    bool has_fill = false;
    if (!text.empty()) {
        const auto first = character_size(text, 0);
        if (first < text.size() && is_align(text[first])) {
            spec.fill = text.substr(0, first);
            spec.align = text[first];
            at = first + 1;
            has_fill = true;
        } else if (is_align(text[0])) {
            spec.align = text[0];
            at = 1;
        }
    }
    if (at < text.size() && (text[at] == '+' || text[at] == '-' || text[at] == ' '))
        spec.sign = text[at++];
    spec.coerces_zero = next('z');
    spec.is_alternate = next('#');
    if (!has_fill && is_digit(text, at) && text[at] == '0') {
        spec.fill = "0";
        if (!spec.align)
            spec.align = '=';
        ++at;
    }
    if (is_digit(text, at)) {
        const auto width = take_number(text, at);
        if (!width || *width > longest)
            return std::nullopt;
        spec.width = *width;
    }
    if (at < text.size() && (text[at] == ',' || text[at] == '_'))
        spec.grouping = text[at++];
    if (next('.')) {
        spec.precision = is_digit(text, at) ? take_number(text, at) : std::nullopt;
        if (!spec.precision || *spec.precision > longest)
            return std::nullopt;
    }
    if (at < text.size())
        spec.type = text[at++];
    return at == text.size() ? std::optional(spec) : std::nullopt;
}

/// Separators between each `size` digits from the right, and zeros in front up to `width`.
std::string grouped(std::string digits, char separator, size_t size, size_t width)
{
    const auto with_separators = [&](const std::string& plain) {
        std::string text;
        for (size_t i = 0; i < plain.size(); ++i) {
            if (separator && i > 0 && (plain.size() - i) % size == 0)
                text += separator;
            text += plain[i];
        }
        return text;
    };
    auto text = with_separators(digits);
    while (text.size() < width) { // a separator is never the first
        digits.insert(0, 1, '0');
        text = with_separators(digits);
    }
    return text;
}

struct Written
{
    std::string sign;
    std::string prefix; ///< 0x
    std::string whole;  ///< digits that may be grouped; "inf" and "nan" are not
    std::string rest;   ///< from the point or the exponent on
    size_t group_size = 3;
    bool is_number = true;
};

std::string assembled(const Spec& spec, const Written& written)
{
    const auto front = written.sign + written.prefix;
    const auto align = spec.align ? spec.align : '>';
    const bool fills_digits = align == '=' && spec.fill == "0" && written.is_number;
    const auto beside = front.size() + written.rest.size();
    const auto width = size_t(spec.width);
    const auto whole = written.is_number ? grouped(written.whole, spec.grouping, written.group_size,
                                               fills_digits && width > beside ? width - beside : 0)
                                         : written.whole;
    const auto body = whole + written.rest;
    const auto used = front.size() + body.size();
    const auto missing = width > used ? width - used : 0;
    const auto fill = [&](size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i)
            text += spec.fill;
        return text;
    };
    switch (align) {
    case '<':
        return front + body + fill(missing);
    case '^':
        return fill(missing / 2) + front + body + fill(missing - missing / 2);
    case '=':
        return front + fill(missing) + body;
    default:
        return fill(missing) + front + body;
    }
}

std::string sign_of(const Spec& spec, bool is_negative)
{
    return is_negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
}

std::string utf8_of(uint64_t code)
{
    std::string text;
    const auto add = [&](uint64_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | code >> 6);
        add(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    } else {
        add(0xF0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3F));
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    }
    return text;
}

std::optional<std::string> write_int(int64_t value, const Spec& spec)
{
    const auto magnitude = value < 0 ? 0 - uint64_t(value) : uint64_t(value);
    Written written{.sign = sign_of(spec, value < 0), .prefix = {}, .whole = {}, .rest = {}};
    const auto in_base = [&](const char* format, const char* prefix) {
        written.whole = fmt::format(fmt::runtime(format), magnitude);
        written.prefix = spec.is_alternate ? prefix : "";
        written.group_size = 4;
    };
    if (spec.precision || spec.coerces_zero)
        return std::nullopt;
    switch (spec.type) {
    case 0:
    case 'd':
        written.whole = fmt::format("{}", magnitude);
        break;
    case 'n':
        if (spec.grouping)
            return std::nullopt;
        written.whole = fmt::format("{}", magnitude);
        break;
    case 'b':
        in_base("{:b}", "0b");
        break;
    case 'o':
        in_base("{:o}", "0o");
        break;
    case 'x':
        in_base("{:x}", "0x");
        break;
    case 'X':
        in_base("{:X}", "0X");
        break;
    case 'c': {
        if (spec.sign != '-' || spec.is_alternate || spec.grouping || value < 0 || value > 0x10FFFF)
            return std::nullopt;
        written.sign.clear();
        written.whole = utf8_of(uint64_t(value));
        written.is_number = false;
        return assembled(spec, written);
    }
    default:
        return std::nullopt;
    }
    if (spec.grouping == ',' && written.group_size == 4) // thousands of decimal digits alone
        return std::nullopt;
    return assembled(spec, written);
}

/// repr's digits, or those of a general format, with the exponent as Python writes it.
std::string general(double magnitude, const Spec& spec)
{
    const auto is_repr = spec.type == 0 && !spec.precision;
    if (is_repr)
        return python_repr(magnitude);
    const auto precision = std::max<int64_t>(1, spec.precision.value_or(6));
    auto text = fmt::format(
        fmt::runtime(spec.is_alternate ? "{:#.{}g}" : "{:.{}g}"), magnitude, precision);
    if (spec.type != 0) { // fmt writes one digit after the point in any case
        if (spec.is_alternate && text.ends_with(".0") && int64_t(text.size()) - 1 > precision)
            text.pop_back();
        return text;
    }
    // Without a type the exponent begins one digit earlier, and there is a digit after the point.
    const auto exponent = magnitude == 0.0 ? 0 : [&] {
        const auto scientific = fmt::format("{:.{}e}", magnitude, precision - 1);
        return std::stoi(scientific.substr(scientific.find('e') + 1));
    }();
    if (exponent == precision - 1 && exponent >= 0 && text.find('e') == std::string::npos
        && text.find('.') == std::string::npos) {
        auto digits = fmt::format("{:.{}e}", magnitude, precision - 1);
        const auto e = digits.find('e');
        auto mantissa = digits.substr(0, e);
        if (mantissa.find('.') != std::string::npos && !spec.is_alternate) {
            mantissa.erase(mantissa.find_last_not_of('0') + 1);
            if (mantissa.back() == '.')
                mantissa.pop_back();
        }
        return mantissa + digits.substr(e);
    }
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

std::optional<std::string> write_float(double value, const Spec& spec)
{
    constexpr std::string_view types("eEfFgGn%");
    if (spec.type != 0 && types.find(spec.type) == std::string_view::npos)
        return std::nullopt;
    if (spec.type == 'n' && spec.grouping)
        return std::nullopt;
    const bool is_upper = spec.type == 'E' || spec.type == 'F' || spec.type == 'G';
    const auto lower = is_upper ? static_cast<char>(spec.type - 'A' + 'a') : spec.type;
    auto magnitude = std::abs(value);
    const auto precision = spec.precision.value_or(6);
    std::string text;
    if (!std::isfinite(value)) {
        text = std::isnan(value) ? "nan" : "inf";
    } else if (lower == '%') {
        text = fmt::format(
            fmt::runtime(spec.is_alternate ? "{:#.{}f}" : "{:.{}f}"), magnitude * 100, precision);
    } else if (lower == 'f') {
        text = fmt::format(
            fmt::runtime(spec.is_alternate ? "{:#.{}f}" : "{:.{}f}"), magnitude, precision);
    } else if (lower == 'e') {
        text = fmt::format(
            fmt::runtime(spec.is_alternate ? "{:#.{}e}" : "{:.{}e}"), magnitude, precision);
    } else {
        text = general(magnitude, spec);
    }
    if (is_upper)
        std::transform(text.begin(), text.end(), text.begin(),
            [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const bool is_zero = std::isfinite(value)
        && text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == std::string::npos;
    const bool is_negative
        = !std::isnan(value) && std::signbit(value) && !(spec.coerces_zero && is_zero);
    Written written{.sign = sign_of(spec, is_negative), .prefix = {}, .whole = {}, .rest = {}};
    written.is_number = std::isfinite(value);
    const auto end = written.is_number ? std::min(text.find_first_not_of("0123456789"), text.size())
                                       : text.size();
    written.whole = text.substr(0, end);
    written.rest = text.substr(end) + (spec.type == '%' ? "%" : "");
    return assembled(spec, written);
}

} // namespace

std::optional<std::string> python_format(
    const std::variant<int64_t, double>& value, const std::string& text)
{
    if (text.empty())
        return std::holds_alternative<int64_t>(value) ? std::to_string(std::get<int64_t>(value))
                                                      : python_repr(std::get<double>(value));
    const auto spec = parse(text);
    if (!spec)
        return std::nullopt;
    if (const auto* real = std::get_if<double>(&value))
        return write_float(*real, *spec);
    constexpr std::string_view of_floats("eEfFgG%");
    if (spec->type != 0 && of_floats.find(spec->type) != std::string_view::npos)
        return write_float(double(std::get<int64_t>(value)), *spec);
    return write_int(std::get<int64_t>(value), *spec);
}

} // namespace leyden
