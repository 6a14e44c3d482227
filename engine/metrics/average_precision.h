// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/curve_metric.h"

namespace leyden {

/// Mean precision, weighted by the recall that each threshold adds. Options, inputs and state as
/// CurveMetric says; a class without positives has none (NaN) where exact, 0 where binned.
///
/// Source: torchmetrics 1.9, BinaryAveragePrecision, MulticlassAveragePrecision,
///         MultilabelAveragePrecision.
class LEYDEN_API AveragePrecision final : public CurveMetric
{
public:
    explicit AveragePrecision(CurveOptions options = {});

private:
    at::Tensor exact_area(const Counts& counts, const at::Tensor& target) const override;
    at::Tensor binned_area(const Counts& counts) const override;
    bool is_single_;
};

} // namespace leyden
