// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace leyden {

std::string python_repr(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer;
    const auto written = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    const std::string_view text(buffer.data(), size_t(written.ptr - buffer.data()));
    // Python: exponents from -4 to 15 are written out, others as d.ddde+XX.
    const auto mark = text.find('e');
    const int exponent = std::atoi(std::string(text.substr(mark + 1)).c_str());
    if (exponent < -4 || exponent >= 16)
        return std::string(text);
    const auto fixed = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    std::string result(buffer.data(), size_t(fixed.ptr - buffer.data()));
    if (result.find('.') == std::string::npos)
        result += ".0";
    return result;
}

std::string json_number(double value)
{
    if (std::isnan(value))
        return "\"NaN\"";
    if (std::isinf(value))
        return value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    return python_repr(value);
}

std::string json_quoted(std::string_view text)
{
    std::string result = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
            result += "\\\"";
            break;
        case '\\':
            result += "\\\\";
            break;
        case '\n':
            result += "\\n";
            break;
        case '\t':
            result += "\\t";
            break;
        case '\r':
            result += "\\r";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                std::array<char, 8> code;
                std::snprintf(code.data(), code.size(), "\\u%04x", unsigned(c));
                result += code.data();
            } else {
                result += c;
            }
        }
    }
    return result + '"';
}

} // namespace leyden
