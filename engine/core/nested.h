// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <utility>

namespace leyden {

/// The same nesting with `function(tensor)` in place of each tensor.
template <class Function> StateTree map_tensors(StateTree tree, Function&& function)
{
    if (tree.is_tensor())
        return function(tree.tensor());
    if (tree.is_list()) {
        for (auto& item : tree.items())
            item = map_tensors(std::move(item), function);
    } else if (tree.is_dict()) {
        for (auto& [key, value] : tree.entries())
            value = map_tensors(std::move(value), function);
    }
    return tree;
}

/// Whether `predicate(tensor)` holds for any tensor.
template <class Function> bool any_tensor(const StateTree& tree, Function&& predicate)
{
    if (tree.is_tensor())
        return predicate(tree.tensor());
    if (tree.is_list()) {
        for (const auto& item : tree.items()) {
            if (any_tensor(item, predicate))
                return true;
        }
    } else if (tree.is_dict()) {
        for (const auto& [key, value] : tree.entries()) {
            if (any_tensor(value, predicate))
                return true;
        }
    }
    return false;
}

} // namespace leyden
