// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <nlohmann/json_fwd.hpp>

namespace leyden {

/// A document as a state: no tensors, whole numbers past int64 as floats. Not for what
/// is_too_deep().
LEYDEN_API StateTree from_json(const nlohmann::ordered_json& json);

} // namespace leyden
