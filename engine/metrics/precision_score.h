// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/stat_scores.h"

namespace leyden {

/// Share of what was called a class that is one: tp / (tp + fp). Options, inputs and state as
/// StatScores says.
///
/// Differs: the name, since Precision is the number format of a run.
/// Source: torchmetrics 1.9, BinaryPrecision, MulticlassPrecision, MultilabelPrecision.
class LEYDEN_API PrecisionScore final : public StatScores
{
public:
    explicit PrecisionScore(ClassificationOptions options);

private:
    at::Tensor score(const Counts& counts) const override;
};

} // namespace leyden
