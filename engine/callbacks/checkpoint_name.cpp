// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/checkpoint_name.h"

#include "engine/core/errors.h"
#include "engine/core/python_format.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {
namespace {

[[noreturn]] void refuse(const std::string& pattern, const std::string& why)
{
    throw MisconfigurationError(fmt::format("ModelCheckpoint: filename = '{}': {}", pattern, why));
}

/// "{name" of each field, as Lightning looks for them: up to the next ':' or '}', the longest
/// first.
std::vector<std::string> groups_of(const std::string& pattern)
{
    std::vector<std::string> groups;
    for (size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at)) {
        const auto end = pattern.find_first_of(":}", at);
        if (end == std::string::npos)
            break;
        groups.push_back(pattern.substr(at, end - at));
        at = end + 1;
    }
    std::stable_sort(groups.begin(), groups.end(),
        [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    return groups;
}

void replace_all(std::string& text, const std::string& what, const std::string& by)
{
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

/// A "/" would make a folder.
std::string without_slashes(std::string text)
{
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

NameValue value_of(const std::string& name, const std::vector<NameValue>& values)
{
    const auto found = std::find_if(
        values.begin(), values.end(), [&](const NameValue& value) { return value.name == name; });
    return found == values.end() ? NameValue{name, 0.0, true} : *found;
}

/// str.format of a template whose fields read "{0[name]:spec}".
class Formatter
{
public:
    Formatter(const std::string& pattern, const std::vector<NameValue>& values)
        : pattern_(pattern), values_(values)
    {
    }

    std::string run(const std::string& text, int depth = 2) const
    {
        if (depth == 0)
            refuse(pattern_, "its formats stand inside each other too deep");
        std::string result;
        for (size_t i = 0; i < text.size(); ++i) {
            const auto c = text[i];
            const bool is_double = i + 1 < text.size() && text[i + 1] == c;
            if (c != '{' && c != '}') {
                result += c;
            } else if (is_double) {
                result += c;
                ++i;
            } else if (c == '}') {
                refuse(pattern_, "a '}' stands alone; write '}}' for one in the name");
            } else {
                const auto end = end_of_field(text, i);
                result += field(text.substr(i + 1, end - i - 1), depth);
                i = end;
            }
        }
        return result;
    }

private:
    /// The '}' that belongs to the '{' at `begin`.
    size_t end_of_field(const std::string& text, size_t begin) const
    {
        int open = 0;
        for (size_t i = begin; i < text.size(); ++i) {
            open += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            if (open == 0)
                return i;
        }
        refuse(pattern_, "a '{' is not closed");
    }

    std::string field(const std::string& text, int depth) const
    {
        constexpr std::string_view head("0[");
        const auto close = text.find(']');
        if (!text.starts_with(head) || close == std::string::npos || close == head.size())
            refuse(pattern_, "a field has no name; write {epoch}, {step} or {a_metric}");
        const auto name = text.substr(head.size(), close - head.size());
        const auto rest = text.substr(close + 1);
        const bool is_index
            = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (is_index || name.find_first_of("{[") != std::string::npos
            || (!rest.empty() && rest[0] != ':'))
            refuse(pattern_, fmt::format("'{}' is no name of a metric", name + rest));
        const auto spec = rest.empty() ? rest : run(rest.substr(1), depth - 1);
        const auto value = value_of(name, values_);
        const auto written = value.is_integer ? python_format(int64_t(value.value), spec)
                                              : python_format(value.value, spec);
        if (!written)
            refuse(pattern_,
                fmt::format("the format ':{}' cannot write {}, {}", spec, name,
                    value.is_integer ? "a whole number" : "a number with a fraction"));
        return without_slashes(*written);
    }

    const std::string& pattern_;
    const std::vector<NameValue>& values_;
};

} // namespace

std::string format_checkpoint_name(
    std::string pattern, const std::vector<NameValue>& values, bool auto_insert_metric_name)
{
    auto text = pattern;
    for (const auto& group : groups_of(pattern)) {
        const auto name = group.substr(1);
        if (auto_insert_metric_name)
            replace_all(text, group, without_slashes(name) + "={" + name);
        replace_all(text, group, "{0[" + name + "]");
    }
    return Formatter(pattern, values).run(text);
}

void check_checkpoint_name(const std::string& pattern, const std::string& name)
{
    constexpr size_t longest = 240;
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control))
        throw MisconfigurationError("ModelCheckpoint: filename: a control character cannot be part "
                                    "of a file's name; leave it out");
    size_t begin = 0;
    while (begin <= name.size()) {
        const auto end = std::min(name.find('/', begin), name.size());
        if (end - begin > longest)
            refuse(pattern.substr(0, 60) + "...",
                fmt::format("the file's name would have {} bytes, and {} are possible; shorten it",
                    end - begin, longest));
        begin = end + 1;
    }
    if (name == "averaged")
        refuse(pattern, "averaged.ckpt is the file of averaged weights; choose another name");
}

std::vector<std::string> names_in_template(
    const std::string& pattern, const std::vector<NameValue>& values)
{
    std::vector<std::string> names;
    for (const auto& group : groups_of(pattern)) {
        const auto name = group.substr(1);
        const auto is_known = std::any_of(values.begin(), values.end(),
            [&](const NameValue& value) { return value.name == name; });
        if (!is_known && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return names;
}

} // namespace leyden
