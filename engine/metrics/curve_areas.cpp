// SPDX-License-Identifier: GPL-3.0-or-later
// Two areas from the same counts; the order of operations is torchmetrics', so that bits agree.
#include "engine/metrics/auroc.h"
#include "engine/metrics/average_precision.h"
#include "engine/metrics/classification_input.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/trapz.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace leyden {

using classification::share;

namespace {

/// value / its last, behind a leading 0; all 0 where the last is.
at::Tensor rates(const at::Tensor& counts)
{
    const auto from_zero = at::cat({at::zeros_like(counts.narrow(0, 0, 1)), counts});
    return share(from_zero, from_zero.select(0, -1));
}

at::Tensor quotient(const at::Tensor& num, const at::Tensor& denom)
{
    return num.to(at::kFloat).div(denom.to(at::kFloat));
}

/// Sum of precision times what recall loses, over the last dimension.
at::Tensor area_of_steps(const at::Tensor& precision, const at::Tensor& recall)
{
    const auto steps = precision.size(-1) - 1;
    return recall.narrow(-1, 1, steps)
        .sub(recall.narrow(-1, 0, steps))
        .mul(precision.narrow(-1, 0, steps))
        .sum(-1)
        .neg();
}

at::Tensor without_nan(const at::Tensor& values)
{
    return at::where(values.isnan(), at::zeros_like(values), values);
}

} // namespace

AUROC::AUROC(CurveOptions options) : CurveMetric(options, "AUROC") { }

at::Tensor AUROC::exact_area(const Counts& counts, const at::Tensor&) const
{
    return at::trapz(rates(counts.tp), rates(counts.fp), -1);
}

at::Tensor AUROC::binned_area(const Counts& counts) const
{
    auto tpr = share(counts.tp, counts.tp.add(counts.fn)).flip(0);
    auto fpr = share(counts.fp, counts.fp.add(counts.tn)).flip(0);
    return tpr.dim() == 1 ? at::trapz(tpr, fpr, -1) : at::trapz(tpr.t(), fpr.t(), 1);
}

AveragePrecision::AveragePrecision(CurveOptions options)
    : CurveMetric(options, "AveragePrecision")
    , is_single_(options.task == ClassificationTask::Binary || options.average == Average::Micro)
{
}

at::Tensor AveragePrecision::exact_area(const Counts& counts, const at::Tensor& target) const
{
    const auto precision = quotient(counts.tp, counts.tp.add(counts.fp)).flip(0);
    auto recall = quotient(counts.tp, counts.tp.select(0, -1)).flip(0);
    if (target.eq(0).all().item<bool>()) // torchmetrics' rule, also where 0 is a class of several
        recall = at::ones_like(recall);
    const auto end = precision.narrow(0, 0, 1);
    const auto full_precision = at::cat({precision, at::ones_like(end)});
    const auto full_recall = at::cat({recall, at::zeros_like(end)});
    return is_single_ ? area_of_steps(without_nan(full_precision), without_nan(full_recall))
                      : area_of_steps(full_precision, full_recall);
}

at::Tensor AveragePrecision::binned_area(const Counts& counts) const
{
    const auto precision = quotient(counts.tp, counts.tp.add(counts.fp));
    const auto recall = quotient(counts.tp, counts.tp.add(counts.fn));
    const auto end = precision.narrow(0, 0, 1);
    const auto full_precision = at::cat({precision, at::ones_like(end)});
    const auto full_recall = at::cat({recall, at::zeros_like(end)});
    return precision.dim() == 1
        ? area_of_steps(without_nan(full_precision), without_nan(full_recall))
        : area_of_steps(without_nan(full_precision.t()), without_nan(full_recall.t()));
}

} // namespace leyden
