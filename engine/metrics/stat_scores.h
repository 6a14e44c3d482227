// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"
#include "engine/metrics/classification_options.h"

namespace leyden {

/// Base of the metrics that true and false positives and negatives decide.
///
/// preds:  Binary [N, ...], Multilabel [N, L, ...]: floating (probabilities; logits where any lies
///         outside [0, 1]) or labels 0 and 1. Multiclass [N, C, ...] floating (the largest counts)
///         or [N, ...] class indices.
/// target: integers; Binary and Multilabel as preds, Multiclass [N, ...]. Same device.
/// State:  "tp", "fp", "tn", "fn" int64: [] for Binary and a multiclass Micro, else [C]. Waits for
///         no device.
/// Throws: MisconfigurationError for shapes that do not fit and, on the CPU, for values that are no
///         class.
/// Differs: no multidim_average = "samplewise": further dimensions count as more rows.
/// Source: torchmetrics 1.9, classification/stat_scores.py.
class LEYDEN_API StatScores : public AccumulatedMetric
{
protected:
    struct Counts
    {
        at::Tensor tp, fp, tn, fn; ///< [] or [C] int64
    };

    StatScores(ClassificationOptions options, const char* name);
    virtual at::Tensor score(const Counts& counts) const = 0;

    /// tp / (tp + other), averaged; of precision, recall and multiclass accuracy.
    at::Tensor averaged_share(const at::Tensor& num, const at::Tensor& denom, const Counts& counts,
        int64_t top_k, double zero_division) const;
    bool is_binary() const { return options_.task == ClassificationTask::Binary; }
    bool is_multilabel() const { return options_.task == ClassificationTask::Multilabel; }
    const ClassificationOptions& options() const { return options_; }

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const final;
    at::Tensor value_of(const State& state) const final;
    State label_counts(const at::Tensor& preds, const at::Tensor& target) const;
    State class_counts(const at::Tensor& preds, const at::Tensor& target) const;

    ClassificationOptions options_;
    const char* name_;
};

} // namespace leyden
