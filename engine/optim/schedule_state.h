// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <cstdint>
#include <vector>

namespace leyden {

// Lists of numbers in the state of a scheduler.

inline StateTree list_of_numbers(const std::vector<double>& values)
{
    return StateTree::list({values.begin(), values.end()});
}

inline StateTree list_of_numbers(const std::vector<int64_t>& values)
{
    return StateTree::list({values.begin(), values.end()});
}

inline std::vector<double> numbers(const StateTree& list)
{
    std::vector<double> values;
    for (const auto& item : list.items())
        values.push_back(item.to_double());
    return values;
}

} // namespace leyden
