// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/metric.h"

namespace leyden {

/// Share of rows whose class was hit: micro-averaged multiclass accuracy.
///
/// preds:  [N, C] floating (scores; the largest counts) or [N] of class indices.
/// target: [N] of class indices, same device.
/// State:  "correct" and "total", [] int64 on the inputs' device; compute() gives NaN-free 0 while
///         empty. Nothing waits for the device.
/// Source: torchmetrics 1.x, MulticlassAccuracy(average="micro").
class LEYDEN_API Accuracy final : public Metric
{
public:
    Accuracy();
    void update(const at::Tensor& preds, const at::Tensor& target) override;
    at::Tensor compute() const override;
    at::Tensor batch_value() const override;
    void reset() override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;

private:
    at::Tensor correct_, total_;
    at::Tensor batch_correct_, batch_total_;
};

} // namespace leyden
