// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"

namespace leyden {

/// How the scores of several outputs become one: not at all, their mean, or their mean by the
/// targets' variance.
enum class MultiOutput { RawValues, UniformAverage, VarianceWeighted };

struct R2Options
{
    int64_t adjusted = 0; ///< number of regressors to adjust for; 0: do not
    MultiOutput multioutput = MultiOutput::UniformAverage;
};

/// Share of the targets' variance that the predictions explain; 1 is perfect.
///
/// preds, target: [N] or [N, outputs], the same shape, same device.
/// Value:  [] (RawValues: [outputs]) of the inputs' dtype. Fewer rows than `adjusted` needs: the
///         plain score.
/// State:  "sum_squared_error", "sum_error", "residual" (of the inputs' dtype) and "total" int64.
/// Throws: MisconfigurationError where the shapes do not fit, and from compute() and batch_value()
///         with fewer than two rows.
/// Source: torchmetrics 1.9, R2Score.
class LEYDEN_API R2Score final : public AccumulatedMetric
{
public:
    explicit R2Score(R2Options options = {});

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const override;
    at::Tensor value_of(const State& state) const override;
    R2Options options_;
};

} // namespace leyden
