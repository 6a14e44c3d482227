// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace leyden::headless {

/// A key of a dict as text; what a terminal would obey stands in escapes.
std::string key_text(const StateTree::Key& key);

/// PyTorch's name of a tensor's dtype: "float32", "int64".
std::string dtype_text(const at::Tensor& tensor);

/// A state for programs; a tensor as its dtype, shape and norm.
nlohmann::ordered_json to_json(const StateTree& tree);

/// A value on one line of at most 100 bytes: "float32 [64, 10] norm 3.2", "None", JSON.
std::string one_line(const StateTree& value);

} // namespace leyden::headless
