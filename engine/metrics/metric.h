// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <string>

namespace leyden {

/// A metric with state, as torchmetrics has it: update with batches, compute over all of them,
/// reset. Logged as an object, the Trainer computes it at the epoch's end and resets it.
class LEYDEN_API Metric
{
public:
    virtual ~Metric();
    /// preds, target: as the metric's own documentation says.
    virtual void update(const at::Tensor& preds, const at::Tensor& target) = 0;
    virtual at::Tensor compute() const
        = 0; ///< over everything since reset; [] float32 unless it says else
    virtual at::Tensor batch_value() const = 0; ///< the same over the last update alone
    virtual void reset() = 0;
    /// Floating-point state of this dtype from now on, as Module.to(dtype) in Python does it to a
    /// metric.
    virtual void convert(c10::ScalarType) { }
    virtual StateTree state_dict() const = 0; ///< for a resume in mid-epoch
    virtual void load_state_dict(const StateTree& state) = 0;
};

} // namespace leyden
