// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <optional>
#include <string>
#include <vector>

namespace leyden::headless {

/// One place where two checkpoints differ.
struct CheckpointDifference
{
    std::string place;  ///< "state_dict/net.0.weight", "optimizer_states/0/param_groups/0/lr"
    std::string first;  ///< what the first file has there; empty: nothing
    std::string second; ///< what the second file has there; empty: nothing
    std::string amount; ///< of tensors of one dtype and shape: "7 of 640 elements differ, by 0.25
                        ///< at most"
    std::optional<double> largest{}; ///< difference, of two numbers or of such tensors
};

/// All differences, in the order of the first file, then what the second one alone has. Tensors are
/// compared bit for bit, so that NaN equals itself; the order of keys does not count.
std::vector<CheckpointDifference> compare_checkpoints(
    const StateTree& first, const StateTree& second);

} // namespace leyden::headless
