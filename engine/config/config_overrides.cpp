// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/config_problem.h"
#include "engine/config/json_text.h"
#include "engine/config/run_config.h"

#include <algorithm>

namespace leyden {

namespace {

std::vector<std::string> split(const std::string& path)
{
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

bool is_index(const std::string& part)
{
    return !part.empty() && part.size() < 10
        && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_component(const Json& value)
{
    return value.is_string() || (value.is_object() && value.contains("class_path"));
}

/// The place of `part` inside `parent`, made where a key is missing. Null, with a problem, where it
/// leads nowhere.
Json* step_into(Json& parent, const std::string& part, std::string& problem)
{
    if (is_component(parent) && is_index(part)) // a single component where a list may stand
        parent = Json::array({parent});
    if (parent.is_string() && (part == "init_args" || part == "class_path")) {
        auto long_form = Json::object();
        long_form["class_path"] = parent;
        parent = std::move(long_form);
    }
    const auto is_list = parent.is_array() || (parent.is_null() && is_index(part));
    if (is_list) {
        const auto size = parent.is_array() ? parent.size() : 0;
        if (is_index(part) && std::stoull(part) < size)
            return &parent[std::size_t(std::stoull(part))];
        problem = is_index(part)
            ? "the list has " + std::to_string(size) + (size == 1 ? " item" : " items")
            : "found " + shown(Json(part)) + ", expected the number of a list's item";
        if (is_index(part) && size > 0)
            problem += ", numbered from 0 to " + std::to_string(size - 1);
        return nullptr;
    }
    if (parent.is_null())
        parent = Json::object();
    if (parent.is_object())
        return &parent[part];
    problem = "stands inside " + shown(parent) + ", which has no parts";
    return nullptr;
}

/// A new class drops the arguments of the old one; the same class keeps them.
void set_value(Json& place, Json value)
{
    if (value.is_string() && place.is_object() && place.contains("class_path")) {
        if (place["class_path"] != value)
            place.erase("init_args");
        place["class_path"] = std::move(value);
    } else {
        place = std::move(value);
    }
}

std::string apply(
    Json& document, const std::vector<std::string>& parts, Json value, std::string& pointer)
{
    Json* place = &document;
    std::string problem;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        pointer = pointer_to(pointer, parts[i]);
        if (parts[i].empty() || !is_utf8(parts[i]))
            return "expected names with single dots between them";
        const bool is_class = i + 1 == parts.size() && parts[i] == "class_path";
        if (is_class && is_component(*place)) {
            set_value(*place, std::move(value));
            return {};
        }
        place = step_into(*place, parts[i], problem);
        if (!place)
            return problem;
    }
    set_value(*place, std::move(value));
    return {};
}

} // namespace

std::vector<ConfigProblem> apply_overrides(
    Json& document, const std::vector<ConfigOverride>& overrides)
{
    std::vector<ConfigProblem> problems;
    auto in_order = overrides; // --optimizer=SGD before --optimizer.init_args.lr=1, in whatever
                               // order they stand
    std::stable_sort(
        in_order.begin(), in_order.end(), [](const ConfigOverride& a, const ConfigOverride& b) {
            return std::count(a.path.begin(), a.path.end(), '.')
                < std::count(b.path.begin(), b.path.end(), '.');
        });
    for (const ConfigOverride& change : in_order) {
        const auto parts = split(change.path);
        std::string pointer;
        const auto parsed = parse_json(change.text);
        auto value = parsed.problem.empty() ? parsed.document : Json(change.text);
        std::string problem = is_utf8(change.text) ? "" : "the value is not UTF-8";
        if (parts.size() > max_json_depth)
            problem = "the name has more than " + std::to_string(max_json_depth) + " parts";
        if (problem.empty())
            problem = apply(document, parts, std::move(value), pointer);
        if (!problem.empty())
            problems.push_back({pointer.empty() ? "/" : pointer,
                "--" + shown(Json(change.path)) + ": " + problem});
    }
    return problems;
}

} // namespace leyden
