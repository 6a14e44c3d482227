// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/inspect_command.h"

#include "app/headless/output.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/file_system.h"
#include "engine/core/number_text.h"
#include "engine/core/state_tree.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace leyden::headless {
namespace {
using Json = nlohmann::ordered_json;

std::string key_text(const StateTree::Key& key)
{
    const auto* text = std::get_if<std::string>(&key);
    return text ? *text : std::to_string(std::get<int64_t>(key));
}

std::string dtype_text(const at::Tensor& tensor)
{
    std::string name = c10::toString(tensor.scalar_type());
    if (name == "Float")
        return "float32";
    if (name == "Double")
        return "float64";
    if (name == "Long")
        return "int64";
    if (name == "Byte")
        return "uint8";
    return name;
}

Json to_json(const StateTree& tree)
{
    if (tree.is_none())
        return nullptr;
    if (tree.is_bool())
        return tree.to_bool();
    if (tree.is_int())
        return tree.to_int();
    if (tree.is_double()) {
        const auto value = tree.to_double();
        return std::isfinite(value) ? Json(value) : Json::parse(json_number(value));
    }
    if (tree.is_string())
        return tree.to_string();
    if (tree.is_tensor()) {
        const auto& tensor = tree.tensor();
        return {{"tensor", dtype_text(tensor)}, {"shape", std::vector<int64_t>(tensor.sizes().begin(), tensor.sizes().end())},
            {"norm", tensor.numel() > 0 && tensor.is_floating_point() ? Json(tensor.to(at::kDouble).norm().item<double>()) : Json(nullptr)}};
    }
    if (tree.is_list()) {
        auto list = Json::array();
        for (const auto& item : tree.items())
            list.push_back(to_json(item));
        return list;
    }
    auto object = Json::object();
    for (const auto& [key, value] : tree.entries())
        object[key_text(key)] = to_json(value);
    return object;
}

void describe(const StateTree& tree, int indent, std::string& text)
{
    const std::string space(size_t(indent), ' ');
    const auto one_line = [](const StateTree& value) -> std::string {
        if (value.is_tensor()) {
            const auto& tensor = value.tensor();
            auto line = fmt::format("{} [{}]", dtype_text(tensor), fmt::join(tensor.sizes(), ", "));
            if (tensor.numel() == 1 && tensor.is_floating_point())
                line += " = " + python_repr(tensor.item<double>());
            else if (tensor.numel() > 0 && tensor.is_floating_point())
                line += fmt::format(" norm {:.6g}", tensor.to(at::kDouble).norm().item<double>());
            return line;
        }
        if (value.is_none())
            return "None";
        const auto json = to_json(value).dump();
        return json.size() > 100 ? json.substr(0, 97) + "..." : json;
    };
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
    const auto checkpoint = load_checkpoint_file(FileSystem::local(), file);
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

} // namespace leyden::headless
