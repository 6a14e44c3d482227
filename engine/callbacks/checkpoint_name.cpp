// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/checkpoint_name.h"

#include "engine/core/errors.h"
#include "engine/core/number_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {
namespace {

std::string formatted(const NameValue& value, const std::string& spec, const std::string& pattern)
{
    if (spec.empty())
        return value.is_integer ? std::to_string(int64_t(value.value)) : python_repr(value.value);
    try {
        const auto kind = spec.back();
        if (kind == '%')
            return fmt::format(fmt::runtime("{:" + spec.substr(0, spec.size() - 1) + "f}"),
                       value.value * 100)
                + "%";
        const bool wants_integer
            = kind == 'd' || (std::isdigit(static_cast<unsigned char>(kind)) && value.is_integer);
        if (wants_integer && value.is_integer)
            return fmt::format(fmt::runtime("{:" + spec + "}"), int64_t(value.value));
        if (kind != 'd')
            return fmt::format(fmt::runtime("{:" + spec + "}"), value.value);
    } catch (const fmt::format_error&) { // told below with the template
    }
    throw MisconfigurationError(
        fmt::format("ModelCheckpoint: filename = '{}': the format ':{}' cannot write {}", pattern,
            spec, value.name));
}

} // namespace

std::string format_checkpoint_name(
    std::string pattern, const std::vector<NameValue>& values, bool auto_insert_metric_name)
{
    std::string result;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '{') {
            result += pattern[i];
            continue;
        }
        const auto end = pattern.find('}', i);
        if (end == std::string::npos)
            throw MisconfigurationError(
                fmt::format("ModelCheckpoint: filename = '{}': a brace is not closed", pattern));
        const auto field = pattern.substr(i + 1, end - i - 1);
        const auto colon = field.find(':');
        const auto name = field.substr(0, colon);
        const auto spec = colon == std::string::npos ? std::string() : field.substr(colon + 1);
        const auto found = std::find_if(
            values.begin(), values.end(), [&](const auto& v) { return v.name == name; });
        const auto value = found == values.end() ? NameValue{name, 0.0, true} : *found;
        if (auto_insert_metric_name)
            result += name + "=";
        // An unknown metric is a whole 0 in Lightning, and floats' formats take it too.
        result += formatted(value, spec, pattern);
        i = end;
    }
    return result;
}

} // namespace leyden
