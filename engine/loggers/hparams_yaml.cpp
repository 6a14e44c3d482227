// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loggers/hparams_yaml.h"

#include "engine/core/number_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace leyden {
namespace {

bool is_plain(const std::string& text)
{
    if (text.empty() || text.front() == ' ' || text.back() == ' ')
        return false;
    const bool starts_with_letter = (text[0] >= 'a' && text[0] <= 'z')
        || (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '/' || text[0] == '.';
    const bool is_word = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) || c == '_' || c == '-' || c == '/' || c == '.'
            || c == ' ';
    });
    static const std::vector<std::string> reserved{"null", "Null", "NULL", "true", "True", "TRUE",
        "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off",
        "Off", "OFF", "y", "Y", "n", "N"};
    return starts_with_letter && is_word && text[0] != '.'
        && std::find(reserved.begin(), reserved.end(), text) == reserved.end();
}

std::string scalar(const StateTree& value)
{
    if (value.is_none())
        return "null";
    if (value.is_bool())
        return value.to_bool() ? "true" : "false";
    if (value.is_int())
        return std::to_string(value.to_int());
    if (value.is_double()) {
        const auto number = value.to_double();
        if (std::isnan(number))
            return ".nan";
        if (std::isinf(number))
            return number < 0 ? "-.inf" : ".inf";
        auto text = python_repr(number);
        // YAML 1.1 wants a point in a number with an exponent: 1e-05 is a string there.
        if (const auto mark = text.find('e');
            mark != std::string::npos && text.find('.') == std::string::npos)
            text.insert(mark, ".0");
        return text;
    }
    if (value.is_string())
        return is_plain(value.to_string()) ? value.to_string() : json_quoted(value.to_string());
    return std::string("'") + value.type_name() + "'";
}

void write(const StateTree& value, int indent, std::string& text)
{
    const std::string space(size_t(indent), ' ');
    if (value.is_dict()) {
        std::vector<std::pair<std::string, const StateTree*>> sorted;
        for (const auto& [key, item] : value.entries()) {
            const auto* name = std::get_if<std::string>(&key);
            sorted.emplace_back(name ? *name : std::to_string(std::get<int64_t>(key)), &item);
        }
        std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
        for (const auto& [name, item] : sorted) {
            text += space + (is_plain(name) ? name : json_quoted(name)) + ":";
            if ((item->is_dict() || item->is_list()) && item->size() > 0) {
                text += '\n';
                write(*item, item->is_dict() ? indent + 2 : indent, text);
            } else {
                text += ' '
                    + (item->is_dict()        ? "{}"
                            : item->is_list() ? "[]"
                                              : scalar(*item))
                    + '\n';
            }
        }
        return;
    }
    for (const auto& item : value.items()) {
        if ((item.is_dict() || item.is_list()) && item.size() > 0) {
            std::string nested;
            write(item, indent + 2, nested);
            text += space + "- " + nested.substr(size_t(indent) + 2);
        } else {
            text += space + "- "
                + (item.is_dict()        ? "{}"
                        : item.is_list() ? "[]"
                                         : scalar(item))
                + '\n';
        }
    }
}

} // namespace

std::string hparams_yaml(const StateTree& hparams)
{
    if (hparams.size() == 0)
        return "{}\n";
    std::string text;
    write(hparams, 0, text);
    return text;
}

} // namespace leyden
