// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <span>

namespace leyden {

/// Scales gradients so that the norm over all of them is at most max_norm; parameters without a
/// gradient are passed over. Returns the norm before ([] in the gradients' dtype, on the device of
/// the first; 0 where there is no gradient). Nothing waits for the device unless
/// error_if_nonfinite.
/// Throws: NonFiniteError where the norm is not finite and error_if_nonfinite is set.
/// Source: PyTorch 2.13, torch/nn/utils/clip_grad.py; bit for bit on the CPU.
LEYDEN_API at::Tensor clip_grad_norm_(std::span<const at::Tensor> parameters, double max_norm,
    double norm_type = 2.0, bool error_if_nonfinite = false);

/// The norm that clip_grad_norm_ would return; changes nothing.
LEYDEN_API at::Tensor total_grad_norm(
    std::span<const at::Tensor> parameters, double norm_type = 2.0);

/// Clamps every element of every gradient to [-clip_value, clip_value].
/// Source: PyTorch 2.13, torch/nn/utils/clip_grad.py.
LEYDEN_API void clip_grad_value_(std::span<const at::Tensor> parameters, double clip_value);

} // namespace leyden
