// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/stat_scores.h"

namespace leyden {

/// Harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn). Options, inputs and state as
/// StatScores says.
///
/// Source: torchmetrics 1.9, BinaryF1Score, MulticlassF1Score, MultilabelF1Score.
class LEYDEN_API F1Score final : public StatScores
{
public:
    explicit F1Score(ClassificationOptions options);

private:
    at::Tensor score(const Counts& counts) const override;
};

} // namespace leyden
