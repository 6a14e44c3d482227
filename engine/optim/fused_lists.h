// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"

#include <vector>

namespace leyden {

bool is_fused(const ParamGroup& group);

/// The group's parameters that have a gradient, by their index in it, in lists of one device and
/// dtype: what one call of a fused kernel takes.
/// Throws: MisconfigurationError, naming the optimizer, for sparse gradients and parameters that
/// are
///         no floating-point tensors.
std::vector<std::vector<size_t>> fused_lists(const ParamGroup& group, const char* optimizer);

} // namespace leyden
