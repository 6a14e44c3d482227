// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/checkpoint_text.h"

#include "engine/core/number_text.h"

#include <nlohmann/json.hpp>

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace leyden::headless {
namespace {
using Json = nlohmann::ordered_json;
constexpr size_t longest_line = 100;

bool has_norm(const at::Tensor& tensor)
{
    return tensor.numel() > 0 && tensor.is_floating_point();
}

std::string printable(const std::string& text)
{
    std::string shown;
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        shown
            += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, each);
    }
    return shown;
}

double norm_of(const at::Tensor& tensor)
{
    return tensor.to(at::kDouble).norm().item<double>();
}

} // namespace

std::string key_text(const StateTree::Key& key)
{
    const auto* text = std::get_if<std::string>(&key);
    return text ? printable(*text) : std::to_string(std::get<int64_t>(key));
}

std::string dtype_text(const at::Tensor& tensor)
{
    switch (tensor.scalar_type()) {
    case at::kFloat:
        return "float32";
    case at::kDouble:
        return "float64";
    case at::kHalf:
        return "float16";
    case at::kBFloat16:
        return "bfloat16";
    case at::kLong:
        return "int64";
    case at::kInt:
        return "int32";
    case at::kShort:
        return "int16";
    case at::kChar:
        return "int8";
    case at::kByte:
        return "uint8";
    case at::kBool:
        return "bool";
    default:
        return c10::toString(tensor.scalar_type());
    }
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
        return {{"tensor", dtype_text(tensor)},
            {"shape", std::vector<int64_t>(tensor.sizes().begin(), tensor.sizes().end())},
            {"norm", has_norm(tensor) ? Json(norm_of(tensor)) : Json(nullptr)}};
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

std::string one_line(const StateTree& value)
{
    if (value.is_tensor()) {
        const auto& tensor = value.tensor();
        auto line = fmt::format("{} [{}]", dtype_text(tensor), fmt::join(tensor.sizes(), ", "));
        if (tensor.numel() == 1 && tensor.is_floating_point())
            line += " = " + python_repr(tensor.item<double>());
        else if (has_norm(tensor))
            line += fmt::format(" norm {:.6g}", norm_of(tensor));
        return line;
    }
    if (value.is_none())
        return "None";
    const auto json = to_json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
    return json.size() > longest_line ? json.substr(0, longest_line - 3) + "..." : json;
}

} // namespace leyden::headless
