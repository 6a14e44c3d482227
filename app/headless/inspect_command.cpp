// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/inspect_command.h"

#include "app/headless/checkpoint_text.h"
#include "app/headless/compare_checkpoints.h"
#include "app/headless/output.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

namespace leyden::headless {
namespace {
using Json = nlohmann::ordered_json;

void describe(const StateTree& tree, int indent, std::string& text)
{
    const std::string space(size_t(indent), ' ');
    const auto is_nested = [](const StateTree& value) { return value.is_dict() && value.size() > 0; };
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

int inspect(const std::string& file, bool as_json)
{
    const auto checkpoint = load_checkpoint_or_weights(FileSystem::local(), file);
    if (as_json) {
        print(to_json(checkpoint).dump(2));
        return 0;
    }
    std::string text;
    if (checkpoint.is_dict())
        describe(checkpoint, 0, text);
    print(text.empty() ? "the file holds no dict" : text);
    return 0;
}

int compare(const std::string& first, const std::string& second, bool as_json)
{
    auto& files = FileSystem::local();
    const auto found = compare_checkpoints(load_checkpoint_or_weights(files, first), load_checkpoint_or_weights(files, second));
    if (as_json) {
        auto list = Json::array();
        for (const auto& each : found)
            list.push_back({{"place", each.place}, {"first", each.first}, {"second", each.second}, {"amount", each.amount}});
        print(list.dump(2, ' ', false, Json::error_handler_t::replace));
        return 0;
    }
    const auto line = [](const std::string& file, const std::string& value) {
        return fmt::format("  {}: {}\n", file, value.empty() ? "(not there)" : value);
    };
    std::string text;
    for (const auto& each : found) {
        text += each.place + "\n" + line(first, each.first) + line(second, each.second);
        if (!each.amount.empty())
            text += "  " + each.amount + "\n";
    }
    text += found.empty() ? "the two hold the same" : fmt::format("{} difference{}", found.size(), found.size() == 1 ? "" : "s");
    print(text);
    return 0;
}

} // namespace leyden::headless
