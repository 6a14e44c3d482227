// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/optimizer.h"

#include <string>
#include <vector>

namespace leyden {

bool is_fused(const ParamGroup& group);

/// Whether the group's tensors are updated by foreach operations: where it says so, and by default
/// where all parameters are on a GPU, as in PyTorch.
bool is_foreach(const ParamGroup& group);

/// The group's parameters that have a gradient, by their index in it, in lists of one device and
/// dtype: what one call of a fused kernel, or of a foreach operation, takes.
/// Throws: MisconfigurationError, naming the optimizer, for sparse gradients and, of a fused
///         kernel, parameters that are no floating-point tensors.
std::vector<std::vector<size_t>> fused_lists(const ParamGroup& group, const std::string& optimizer);
std::vector<std::vector<size_t>> foreach_lists(
    const ParamGroup& group, const std::string& optimizer);

/// The gradient as a fused kernel can read it: kernels walk memory, so that one with other strides
/// than its parameter's would be paired wrongly; such a one is copied.
at::Tensor fused_gradient(const at::Tensor& param);

} // namespace leyden
