// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/stat_scores.h"

namespace leyden {

/// Share of a class that was found: tp / (tp + fn). Options, inputs and state as StatScores says.
///
/// Source: torchmetrics 1.9, BinaryRecall, MulticlassRecall, MultilabelRecall.
class LEYDEN_API RecallScore final : public StatScores
{
public:
    explicit RecallScore(ClassificationOptions options);

private:
    at::Tensor score(const Counts& counts) const override;
};

} // namespace leyden
