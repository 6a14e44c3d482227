// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"
#include "engine/metrics/classification_options.h"

namespace leyden {

/// Base of the metrics that are an area under a curve over all thresholds.
///
/// preds:  floating probabilities (logits where any lies outside [0, 1]): Binary [N, ...],
///         Multilabel [N, L, ...], Multiclass [N, C, ...].
/// target: integers; Binary and Multilabel of preds' shape, Multiclass [N, ...]. Same device.
/// State:  exact (thresholds unset): lists "preds" and "target", which grow with the data; binned:
///         "counts" [T + 1, L, 2] int64, by how many thresholds a score reaches and whether it was
///         positive.
/// Value:  NaN while empty; Macro and Weighted leave classes out whose area is NaN.
/// Throws: MisconfigurationError for shapes that do not fit and, on the CPU, for targets that are
/// no
///         class.
/// Source: torchmetrics 1.9, classification/precision_recall_curve.py.
class LEYDEN_API CurveMetric : public AccumulatedMetric
{
protected:
    /// Counts at thresholds: falling scores for exact curves, [T]; rising for binned, [T] or [T,
    /// L].
    struct Counts
    {
        at::Tensor tp, fp, tn, fn; ///< int64; an exact curve has tp and fp alone
    };

    CurveMetric(CurveOptions options, const char* name);
    /// [] float32 from the counts at every distinct score.
    virtual at::Tensor exact_area(const Counts& counts, const at::Tensor& target) const = 0;
    virtual at::Tensor binned_area(const Counts& counts) const = 0; ///< [] or [L] float32

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const final;
    at::Tensor value_of(const State& state) const final;
    at::Tensor exact_value(const at::Tensor& preds, const at::Tensor& target) const;
    at::Tensor exact_curve(
        const at::Tensor& preds, const at::Tensor& target, int64_t positive) const;
    at::Tensor binned_value(const at::Tensor& counts) const;
    at::Tensor average(const at::Tensor& areas, const at::Tensor& weights) const;

    CurveOptions options_;
    const char* name_;
    at::Tensor thresholds_; ///< [T] float32; undefined: exact
};

} // namespace leyden
