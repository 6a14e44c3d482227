// SPDX-License-Identifier: GPL-3.0-or-later
// Four formulas over the same counts.
#include "engine/metrics/accuracy.h"
#include "engine/metrics/f1_score.h"
#include "engine/metrics/precision_score.h"
#include "engine/metrics/recall_score.h"

namespace leyden {

Accuracy::Accuracy() : Accuracy(ClassificationOptions{.average = Average::Micro}) { }

Accuracy::Accuracy(ClassificationOptions options) : StatScores(options, "Accuracy") { }

at::Tensor Accuracy::score(const Counts& counts) const
{
    const auto& [tp, fp, tn, fn] = counts;
    if (options().task == ClassificationTask::Multiclass)
        return averaged_share(tp, tp.add(fn), counts, options().top_k, 0.0);
    const auto right = tp.add(tn);
    return averaged_share(right, right.add(fp).add(fn), counts, 1, 0.0);
}

PrecisionScore::PrecisionScore(ClassificationOptions options)
    : StatScores(options, "PrecisionScore")
{
}

at::Tensor PrecisionScore::score(const Counts& counts) const
{
    return averaged_share(
        counts.tp, counts.tp.add(counts.fp), counts, options().top_k, options().zero_division);
}

RecallScore::RecallScore(ClassificationOptions options) : StatScores(options, "RecallScore") { }

at::Tensor RecallScore::score(const Counts& counts) const
{
    return averaged_share(
        counts.tp, counts.tp.add(counts.fn), counts, options().top_k, options().zero_division);
}

F1Score::F1Score(ClassificationOptions options) : StatScores(options, "F1Score") { }

at::Tensor F1Score::score(const Counts& counts) const
{
    const auto twice = counts.tp.mul(2);
    // A class without targets counts where something was called it, whatever top_k is, as
    // torchmetrics has it.
    return averaged_share(
        twice, twice.add(counts.fn).add(counts.fp), counts, 1, options().zero_division);
}

} // namespace leyden
