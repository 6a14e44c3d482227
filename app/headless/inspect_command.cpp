// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/inspect_command.h"

#include "app/headless/checkpoint_text.h"
#include "app/headless/output.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/config/json_text.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree_json.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

namespace leyden::headless {
namespace {
using Json = nlohmann::ordered_json;

/// The config of the run, a text of JSON in the file, as the tree that it is.
StateTree with_config_as_tree(StateTree checkpoint)
{
    const auto* own = checkpoint.is_dict() ? checkpoint.find("leyden") : nullptr;
    const auto* config = own && own->is_dict() ? own->find("config") : nullptr;
    if (!config || !config->is_string())
        return checkpoint;
    const auto read = Json::parse(config->to_string(), nullptr, /*allow_exceptions=*/false);
    if (!read.is_object() || is_too_deep(read)) // of no run of ours
        return checkpoint;
    auto part = *own;
    part.set("config", from_json(read));
    checkpoint.set("leyden", std::move(part));
    return checkpoint;
}

StateTree read(const std::string& file)
{
    return with_config_as_tree(load_checkpoint_or_weights(FileSystem::local(), file));
}

void describe(const StateTree& tree, int indent, std::string& text)
{
    const std::string space(size_t(indent), ' ');
    const auto is_nested
        = [](const StateTree& value) { return value.is_dict() && value.size() > 0; };
    for (const auto& [key, value] : tree.entries()) {
        if (is_nested(value)) {
            text += fmt::format("{}{}\n", space, key_text(key));
            describe(value, indent + 2, text);
        } else if (value.is_list() && value.size() > 0 && is_nested(value[0])) {
            for (size_t i = 0; i < value.size(); ++i) {
                text += fmt::format("{}{}[{}]\n", space, key_text(key), i);
                describe(value[i], indent + 2, text);
            }
        } else {
            text += fmt::format("{}{}: {}\n", space, key_text(key), one_line(value));
        }
    }
}

} // namespace

std::vector<CheckpointDifference> differences_of_files(
    const std::string& first, const std::string& second)
{
    return compare_checkpoints(read(first), read(second));
}

std::string inspection_text(const std::string& file)
{
    const auto checkpoint = read(file);
    std::string text;
    if (checkpoint.is_dict())
        describe(checkpoint, 0, text);
    return text.empty() ? "the file holds no dict" : text;
}

std::string comparison_text(const std::string& first, const std::string& second)
{
    const auto found = differences_of_files(first, second);
    const auto line = [](const std::string& file, const std::string& value) {
        return fmt::format("  {}: {}\n", file, value.empty() ? "(not there)" : value);
    };
    std::string text;
    for (const auto& each : found) {
        text += each.place + "\n" + line(first, each.first) + line(second, each.second);
        if (!each.amount.empty())
            text += "  " + each.amount + "\n";
    }
    return text
        + (found.empty()
                ? "the two hold the same"
                : fmt::format("{} difference{}", found.size(), found.size() == 1 ? "" : "s"));
}

int inspect(const std::string& file, bool as_json)
{
    if (as_json)
        print(to_json(load_checkpoint_or_weights(FileSystem::local(), file)).dump(2));
    else
        print(inspection_text(file));
    return 0;
}

int compare(const std::string& first, const std::string& second, bool as_json)
{
    if (!as_json) {
        print(comparison_text(first, second));
        return 0;
    }
    auto list = Json::array();
    for (const auto& each : differences_of_files(first, second))
        list.push_back({{"place", each.place}, {"first", each.first}, {"second", each.second},
            {"amount", each.amount}});
    print(list.dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
}

} // namespace leyden::headless
