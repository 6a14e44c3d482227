// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/curve_metric.h"

#include "engine/core/errors.h"
#include "engine/metrics/classification_input.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/masked_select.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/util/StringUtil.h>

#include <limits>

namespace leyden {

using namespace classification;

namespace {

int64_t curves_of(const CurveOptions& options)
{
    return options.task == ClassificationTask::Binary ? 1 : options.num_classes;
}

/// [N, C, ...] as [rows, C].
at::Tensor by_column(const at::Tensor& tensor, int64_t columns)
{
    return tensor.transpose(0, 1).reshape({columns, -1}).t();
}

} // namespace

CurveMetric::CurveMetric(CurveOptions options, const char* name)
    : AccumulatedMetric([&]() -> std::vector<Field> {
        check_options(options, name);
        if (!options.thresholds)
            return {{"preds", Join::List}, {"target", Join::List}};
        return {{"counts", Join::Sum,
            at::zeros({*options.thresholds + 1, curves_of(options), 2}, at::kLong)}};
    }())
    , options_(options)
    , name_(name)
{
    if (options.thresholds)
        thresholds_ = at::linspace(0, 1, *options.thresholds, at::kFloat);
}

AccumulatedMetric::State CurveMetric::state_of(
    const at::Tensor& preds, const at::Tensor& target) const
{
    const auto columns = curves_of(options_);
    const bool is_multiclass = options_.task == ClassificationTask::Multiclass;
    if (!preds.is_floating_point())
        throw MisconfigurationError(c10::str(
            name_, ": predictions are ", preds.scalar_type(), "; expected floating scores"));
    if (is_multiclass)
        class_labels(preds, target, {.num_classes = columns}, name_); // for its checks
    else
        check_same_shape(preds, target, name_);
    if (options_.task == ClassificationTask::Multilabel)
        check_labels(preds, columns, name_);
    auto keep = kept(target, options_.ignore_index);
    check_values(target, keep, is_multiclass ? columns : 2, "target", name_);

    at::Tensor scores, truth; // [rows] or [rows, columns]
    if (options_.task == ClassificationTask::Multilabel) {
        scores = probabilities(by_column(preds, columns));
        truth = by_column(target, columns);
        keep = keep.defined() ? by_column(keep, columns) : keep;
    } else { // ignored rows go first: they have no say in whether these are logits
        scores = is_multiclass ? by_column(preds, columns) : preds.flatten();
        truth = target.flatten();
        if (keep.defined()) {
            const auto rows = keep.flatten().nonzero().squeeze(1);
            scores = scores.index_select(0, rows);
            truth = truth.index_select(0, rows);
            keep = at::Tensor();
        }
        scores = probabilities(scores, is_multiclass);
    }
    if (!thresholds_.defined())
        return {scores, truth};

    const auto type = scores.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const auto reached
        = at::bucketize(scores.to(type), thresholds_.to(scores.device(), type), false, true);
    const auto levels
        = at::where(scores.isnan(), 0, reached).reshape({-1, columns}); // NaN reaches none
    const auto column = at::arange(columns, levels.options());
    const auto is_positive
        = is_multiclass ? truth.unsqueeze(1).eq(column) : truth.reshape({-1, columns}).eq(1);
    const auto index = levels.mul(columns).add(column).mul(2).add(is_positive);
    const auto shape = std::vector<int64_t>{*options_.thresholds + 1, columns, 2};
    return {count_cells(index, keep, shape[0] * columns * 2).reshape(shape)};
}

at::Tensor CurveMetric::value_of(const State& state) const
{
    if (thresholds_.defined())
        return binned_value(state[0]);
    if (!state[0].defined() || state[0].numel() == 0)
        return at::full({}, std::numeric_limits<float>::quiet_NaN(), at::kFloat);
    return exact_value(state[0], state[1]);
}

at::Tensor CurveMetric::exact_curve(
    const at::Tensor& preds, const at::Tensor& target, int64_t positive) const
{
    const auto order = at::argsort(preds, /*dim=*/-1, /*descending=*/true);
    const auto scores = preds.index_select(0, order);
    const auto last = preds.size(0) - 1;
    // Equal scores share one point: the last of them.
    const auto changes
        = scores.narrow(0, 1, last).sub(scores.narrow(0, 0, last)).nonzero().squeeze(1);
    const auto points = at::cat({changes, at::full({1}, last, changes.options())});
    const auto tp = target.eq(positive).to(at::kLong).index_select(0, order).cumsum(0).index_select(
        0, points);
    return exact_area({.tp = tp, .fp = points.add(1).sub(tp), .tn = {}, .fn = {}}, target);
}

at::Tensor CurveMetric::exact_value(const at::Tensor& preds, const at::Tensor& target) const
{
    const auto without_ignored = [&](const at::Tensor& scores, const at::Tensor& truth) {
        const auto keep = kept(truth, options_.ignore_index);
        return keep.defined()
            ? exact_curve(scores.masked_select(keep), truth.masked_select(keep), 1)
            : exact_curve(scores, truth, 1);
    };
    if (options_.task == ClassificationTask::Binary)
        return exact_curve(preds, target, 1);
    const bool is_multilabel = options_.task == ClassificationTask::Multilabel;
    if (is_multilabel && options_.average == Average::Micro)
        return without_ignored(preds.flatten(), target.flatten());
    std::vector<at::Tensor> areas;
    for (int64_t i = 0; i < options_.num_classes; ++i)
        areas.push_back(is_multilabel ? without_ignored(preds.select(1, i), target.select(1, i))
                                      : exact_curve(preds.select(1, i), target, i));
    return average(at::stack(areas),
        is_multilabel ? target.eq(1).sum(0) : at::bincount(target, {}, options_.num_classes));
}

at::Tensor CurveMetric::binned_value(const at::Tensor& by_column) const
{
    const bool is_one
        = options_.task == ClassificationTask::Binary || options_.average == Average::Micro;
    const auto counts = is_one ? by_column.sum(1) : by_column; // [T + 1, 2] or [T + 1, L, 2]
    const auto reached = counts.flip(0).cumsum(0).flip(0).slice(0, 1);
    const auto all = counts.sum(0);
    const auto tp = reached.select(-1, 1);
    const auto fp = reached.select(-1, 0);
    const auto positives = all.select(-1, 1);
    const auto areas = binned_area(
        {.tp = tp, .fp = fp, .tn = all.select(-1, 0).sub(fp), .fn = positives.sub(tp)});
    return is_one ? areas : average(areas, positives);
}

at::Tensor CurveMetric::average(const at::Tensor& areas, const at::Tensor& weights) const
{
    if (options_.average == Average::None)
        return areas;
    const auto is_number = areas.isnan().logical_not();
    const auto used = areas.masked_select(is_number);
    if (options_.average == Average::Macro)
        return used.mean();
    const auto weight = weights.masked_select(is_number);
    return used.mul(share(weight, weight.sum())).sum();
}

} // namespace leyden
