// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/metric.h"

namespace leyden {

/// Root of the mean squared error over all elements, times `scale`.
///
/// preds, target: the same shape, floating, same device.
/// State:  "sum_squared_error" [] float32 and "total" [] int64, on the inputs' device. compute()
///         gives 0 while empty. Nothing waits for the device.
/// Throws: MisconfigurationError where the shapes differ.
/// Source: torchmetrics 1.x, MeanSquaredError(squared=False).
class LEYDEN_API RMSE final : public Metric
{
public:
    /// scale: what one unit of the inputs is in the wanted unit, e.g. the deviation that a target
    /// was divided by.
    explicit RMSE(double scale = 1.0);
    void update(const at::Tensor& preds, const at::Tensor& target) override;
    at::Tensor compute() const override;
    at::Tensor batch_value() const override;
    void reset() override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

private:
    at::Tensor root(const at::Tensor& sum, const at::Tensor& total) const;

    double scale_;
    at::Tensor sum_squared_error_, total_;
    at::Tensor batch_sum_, batch_total_;
};

} // namespace leyden
