// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"
#include "engine/metrics/classification_options.h"

namespace leyden {

/// What a cell is a share of: nothing (counts), the targets of its row, the predictions of its
/// column, or everything.
enum class Normalize { None, True, Pred, All };

/// How often each target (row) was taken for each class (column).
///
/// preds, target: as StatScores says; of the options, average, top_k and zero_division do not
/// count. Value:  [C, C], Binary [2, 2], Multilabel [L, 2, 2]; int64 counts, or float32 shares, 0
/// where
///         there is nothing to share. No single number: read it with compute(), it cannot be
///         logged.
/// State:  "confmat", the counts.
/// Source: torchmetrics 1.9, classification/confusion_matrix.py.
class LEYDEN_API ConfusionMatrix final : public AccumulatedMetric
{
public:
    explicit ConfusionMatrix(ClassificationOptions options, Normalize normalize = Normalize::None);

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const override;
    at::Tensor value_of(const State& state) const override;

    ClassificationOptions options_;
    Normalize normalize_;
};

} // namespace leyden
