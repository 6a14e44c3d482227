// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/stat_scores.h"

namespace leyden {

/// Share of rows whose class was hit; of labels that were right; with Macro and Weighted the mean
/// of the classes' shares. 0 while empty. Inputs and state as StatScores says.
///
/// Source: torchmetrics 1.9, BinaryAccuracy, MulticlassAccuracy, MultilabelAccuracy.
class LEYDEN_API Accuracy final : public StatScores
{
public:
    Accuracy(); ///< multiclass, over all rows, of any number of classes
    explicit Accuracy(ClassificationOptions options);

private:
    at::Tensor score(const Counts& counts) const override;
};

} // namespace leyden
