// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/stat_scores.h"

#include "engine/metrics/classification_input.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

namespace leyden {

using namespace classification;

namespace {

at::Tensor empty_count(const ClassificationOptions& options)
{
    const bool is_one = options.task == ClassificationTask::Binary
        || (options.task == ClassificationTask::Multiclass && options.average == Average::Micro);
    return is_one ? at::zeros({}, at::kLong) : at::zeros({options.num_classes}, at::kLong);
}

ClassificationOptions checked(ClassificationOptions options, const char* name)
{
    check_options(options, name);
    return options;
}

} // namespace

StatScores::StatScores(ClassificationOptions options, const char* name)
    : AccumulatedMetric([&] {
        const auto empty = empty_count(checked(options, name));
        return std::vector<Field>{{"tp", Join::Sum, empty}, {"fp", Join::Sum, empty},
            {"tn", Join::Sum, empty}, {"fn", Join::Sum, empty}};
    }())
    , options_(options)
    , name_(name)
{
}

AccumulatedMetric::State StatScores::state_of(
    const at::Tensor& preds, const at::Tensor& target) const
{
    return options_.task == ClassificationTask::Multiclass ? class_counts(preds, target)
                                                           : label_counts(preds, target);
}

AccumulatedMetric::State StatScores::label_counts(
    const at::Tensor& preds, const at::Tensor& target) const
{
    check_same_shape(preds, target, name_);
    if (is_multilabel())
        check_labels(preds, options_.num_classes, name_);
    const auto keep = kept(target, options_.ignore_index);
    const auto labels = binary_labels(preds, options_.threshold);
    check_values(target, keep, 2, "target", name_);
    check_values(labels, {}, 2, "preds", name_);

    auto is_positive = target.eq(1);
    auto is_negative = target.eq(0);
    if (keep.defined()) {
        is_positive.logical_and_(keep);
        is_negative.logical_and_(keep);
    }
    const auto said_positive = labels.eq(1);
    const auto said_negative = said_positive.logical_not();
    const auto count = [&](const at::Tensor& first, const at::Tensor& second) {
        const auto both = first.logical_and(second);
        return is_multilabel() ? both.transpose(0, 1).reshape({options_.num_classes, -1}).sum(1)
                               : both.sum();
    };
    return {count(is_positive, said_positive), count(is_negative, said_positive),
        count(is_negative, said_negative), count(is_positive, said_negative)};
}

AccumulatedMetric::State StatScores::class_counts(
    const at::Tensor& preds, const at::Tensor& target) const
{
    const auto labels = class_labels(preds, target, options_, name_);
    const auto keep = kept(target, options_.ignore_index);
    const auto classes = options_.num_classes;
    if (classes > 0) {
        check_values(target, keep, classes, "target", name_);
        check_values(labels, {}, classes, "preds", name_);
    }
    if (options_.average == Average::Micro) {
        const auto hits = labels.eq(target);
        const auto tp = (keep.defined() ? hits.logical_and(keep) : hits).sum();
        const auto rows = keep.defined() ? keep.sum() : at::full({}, target.numel(), tp.options());
        const auto wrong = rows.sub(tp);
        const auto tn = classes > 0 ? rows.mul(classes - 1).sub(wrong) : at::zeros_like(wrong);
        return {tp, wrong, tn, wrong};
    }
    const auto cells
        = count_cells(target.to(at::kLong).mul(classes).add(labels), keep, classes * classes)
              .reshape({classes, classes});
    const auto tp = cells.diagonal();
    const auto fp = cells.sum(0).sub(tp);
    const auto fn = cells.sum(1).sub(tp);
    return {tp, fp, cells.sum().sub(fp.add(fn).add(tp)), fn};
}

at::Tensor StatScores::value_of(const State& state) const
{
    return score({.tp = state[0], .fp = state[1], .tn = state[2], .fn = state[3]});
}

at::Tensor StatScores::averaged_share(const at::Tensor& num, const at::Tensor& denom,
    const Counts& counts, int64_t top_k, double zero_division) const
{
    if (is_binary() || (options_.average == Average::Micro && !is_multilabel()))
        return share(num, denom, zero_division);
    if (options_.average == Average::Micro)
        return share(num.sum(0), denom.sum(0), zero_division);
    const auto values = share(num, denom, zero_division);
    if (options_.average == Average::None)
        return values;
    auto weights = counts.tp.add(counts.fn);
    if (options_.average == Average::Macro) {
        // A class that nobody saw is no part of the mean; a label always is.
        const auto seen = top_k == 1 ? weights.add(counts.fp) : weights;
        weights = is_multilabel() ? at::ones_like(values) : seen.ne(0).to(at::kFloat);
    }
    return share(weights.mul(values), weights.sum(-1, true)).sum(-1);
}

} // namespace leyden
