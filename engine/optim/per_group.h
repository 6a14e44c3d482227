// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/errors.h"
#include "engine/optim/optimizer.h"

#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// An option that is one value for all parameter groups or a list with one a group, as such a list.
/// Throws: MisconfigurationError for a list of another length.
template <class T>
std::vector<T> per_group(const std::string& option, const Optimizer& optimizer,
    const std::variant<T, std::vector<T>>& value)
{
    const auto count = optimizer.param_groups().size();
    if (const auto* one = std::get_if<T>(&value))
        return std::vector<T>(count, *one);
    const auto& list = std::get<std::vector<T>>(value);
    if (list.size() != count)
        throw MisconfigurationError(option + ": has " + std::to_string(list.size())
            + " values, but the optimizer has " + std::to_string(count)
            + " parameter groups; expected one value, or one a group");
    return list;
}

} // namespace leyden
