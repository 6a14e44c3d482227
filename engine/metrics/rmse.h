// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"

namespace leyden {

/// Root of the mean squared error over all elements, times `scale`.
///
/// preds, target: the same shape, floating, same device.
/// State:  "sum_squared_error" [] float32 and "total" [] int64, on the inputs' device. compute()
///         gives 0 while empty. Nothing waits for the device.
/// Throws: MisconfigurationError where the shapes differ.
/// Source: torchmetrics 1.x, MeanSquaredError(squared=False).
class LEYDEN_API RMSE final : public AccumulatedMetric
{
public:
    /// scale: what one unit of the inputs is in the wanted unit, e.g. the deviation that a target
    /// was divided by.
    explicit RMSE(double scale = 1.0);

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const override;
    at::Tensor value_of(const State& state) const override;
    double scale_;
};

} // namespace leyden
