// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_problem.h"

#include <algorithm>
#include <string_view>

namespace leyden {

namespace {

constexpr std::size_t most_lines = 50;

/// A piece of a line for a terminal: shortened, with control characters as JSON writes them. A zero
/// byte would end an exception's text.
std::string one_line(const std::string& text, std::size_t longest)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_start = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        if (is_start && line.size() >= longest)
            return line + "...";
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1
            = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte >= 0x20 && byte != 0x7F && !is_c1) {
            line += text[i];
            continue;
        }
        const unsigned code = is_c1 ? static_cast<unsigned char>(text[++i]) : byte;
        line += "\\u00";
        line += digits[code >> 4];
        line += digits[code & 0xF];
    }
    return line;
}

} // namespace

std::string problem_lines(const std::vector<ConfigProblem>& problems, const std::string& whole)
{
    std::string lines;
    const auto count = std::min(problems.size(), most_lines);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& problem = problems[i];
        const auto& place = problem.pointer.empty() ? whole : problem.pointer;
        lines += (lines.empty() ? "" : "\n") + one_line(place, 400) + (place.empty() ? "" : ": ")
            + one_line(problem.message, 4000);
    }
    if (problems.size() > count)
        // a check ends where there are enough
        lines += (problems.size() < 1000 ? "\nand " : "\nand at least ")
            + std::to_string(problems.size() - count) + " more";
    return lines;
}

std::string pointer_to(const std::string& pointer, const std::string& key)
{
    auto result = pointer + "/";
    for (const char c : key) {
        if (c == '~')
            result += "~0";
        else if (c == '/')
            result += "~1";
        else
            result += c;
    }
    return result;
}

} // namespace leyden
