// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/curve_metric.h"

namespace leyden {

/// Area under the curve of true over false positive rates: the chance that a positive scores above
/// a negative. Options, inputs and state as CurveMetric says; 0 where a class has no positive or no
/// negative.
///
/// Differs: no max_fpr.
/// Source: torchmetrics 1.9, BinaryAUROC, MulticlassAUROC, MultilabelAUROC.
class LEYDEN_API AUROC final : public CurveMetric
{
public:
    explicit AUROC(CurveOptions options = {});

private:
    at::Tensor exact_area(const Counts& counts, const at::Tensor& target) const override;
    at::Tensor binned_area(const Counts& counts) const override;
};

} // namespace leyden
