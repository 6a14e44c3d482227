// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/model_pruning_options.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace leyden {

/// What torch.nn.utils.prune's methods need.
struct PruningRule
{
    PruningMethod method = PruningMethod::L1Unstructured;
    int64_t dim = -1; ///< of the structured ones
    double norm = 2;  ///< of ln_structured

    bool is_structured() const
    {
        return method == PruningMethod::LnStructured || method == PruningMethod::RandomStructured;
    }
};

/// The mask [as scores] (1: kept, 0: pruned) after pruning `amount` more of what `mask` keeps; the
/// random methods draw from the default generator. `mask` may be undefined: nothing is pruned yet.
/// Throws:  MisconfigurationError where there is less to prune than `amount`, or a structured
///          method meets a tensor with one dimension, or without `dim`.
/// Source:  PyTorch 2.13, torch/nn/utils/prune.py.
at::Tensor pruned_mask(const PruningRule& rule, const at::Tensor& scores, const at::Tensor& mask,
    const PruningAmount& amount);

} // namespace leyden
