// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"

namespace leyden {

/// Mean of |preds - target| over all elements, or over the rows of each output.
///
/// preds, target: the same shape, same device; with num_outputs > 1 [N, num_outputs].
/// Value:  [] float32, or [num_outputs]; NaN while empty.
/// State:  "sum_absolute_error" float32 and "total" [] int64. Nothing waits for the device.
/// Throws: MisconfigurationError where shapes differ.
/// Source: torchmetrics 1.9, MeanAbsoluteError.
class LEYDEN_API MAE final : public AccumulatedMetric
{
public:
    explicit MAE(int64_t num_outputs = 1);

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const override;
    at::Tensor value_of(const State& state) const override;
    int64_t num_outputs_;
};

} // namespace leyden
