// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/state_tree_json.h"

#include <nlohmann/json.hpp>

#include <limits>

namespace leyden {

StateTree from_json(const nlohmann::ordered_json& json)
{
    if (json.is_boolean())
        return json.get<bool>();
    const bool is_past_int64 = json.is_number_unsigned()
        && json.get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max());
    if (json.is_number_integer() && !is_past_int64)
        return json.get<int64_t>();
    if (json.is_number())
        return json.get<double>();
    if (json.is_string())
        return json.get<std::string>();
    if (json.is_array()) {
        auto list = StateTree::list();
        for (const auto& item : json)
            list.push_back(from_json(item));
        return list;
    }
    if (!json.is_object())
        return nullptr;
    auto dict = StateTree::dict();
    for (const auto& [key, value] : json.items())
        dict.set(key, from_json(value));
    return dict;
}

} // namespace leyden
