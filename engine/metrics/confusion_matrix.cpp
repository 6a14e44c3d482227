// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/confusion_matrix.h"

#include "engine/core/errors.h"
#include "engine/metrics/classification_input.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

namespace leyden {

using namespace classification;

namespace {

constexpr const char* metric_name = "ConfusionMatrix";

std::vector<int64_t> matrix_shape(ClassificationOptions options)
{
    options.top_k = 1; // not of this metric_name
    if (options.task == ClassificationTask::Multiclass && options.num_classes == 0)
        throw MisconfigurationError(
            "ConfusionMatrix: num_classes = 0: expected the number of classes, at least 2");
    check_options(options, metric_name);
    switch (options.task) {
    case ClassificationTask::Binary:
        return {2, 2};
    case ClassificationTask::Multilabel:
        return {options.num_classes, 2, 2};
    default:
        return {options.num_classes, options.num_classes};
    }
}

} // namespace

ConfusionMatrix::ConfusionMatrix(ClassificationOptions options, Normalize normalize)
    : AccumulatedMetric({{"confmat", Join::Sum, at::zeros(matrix_shape(options), at::kLong)}})
    , options_(options)
    , normalize_(normalize)
{
    options_.top_k = 1;
}

AccumulatedMetric::State ConfusionMatrix::state_of(
    const at::Tensor& preds, const at::Tensor& target) const
{
    const auto shape = matrix_shape(options_);
    auto keep = kept(target, options_.ignore_index);
    at::Tensor index;
    int64_t cells = 4;
    if (options_.task == ClassificationTask::Multiclass) {
        const auto labels = class_labels(preds, target, options_, metric_name);
        check_values(target, keep, options_.num_classes, "target", metric_name);
        check_values(labels, {}, options_.num_classes, "preds", metric_name);
        index = target.to(at::kLong).mul(options_.num_classes).add(labels);
        cells = options_.num_classes * options_.num_classes;
    } else {
        check_same_shape(preds, target, metric_name);
        check_values(target, keep, 2, "target", metric_name);
        const bool is_binary = options_.task == ClassificationTask::Binary;
        auto scores = preds;
        auto truth = target;
        if (is_binary && keep.defined()) { // what is ignored has no say in whether these are logits
            scores = preds.masked_select(keep);
            truth = target.masked_select(keep);
            keep = at::Tensor();
        }
        const auto labels = binary_labels(scores, options_.threshold);
        check_values(labels, {}, 2, "preds", metric_name);
        index = truth.to(at::kLong).mul(2).add(labels);
        if (!is_binary) {
            check_labels(preds, options_.num_classes, metric_name);
            std::vector<int64_t> along(size_t(preds.dim()), 1);
            along[1] = options_.num_classes;
            index = index.add(
                at::arange(0, 4 * options_.num_classes, 4, index.options()).reshape(along));
            cells = 4 * options_.num_classes;
        }
    }
    return {count_cells(index, keep, cells).reshape(shape)};
}

at::Tensor ConfusionMatrix::value_of(const State& state) const
{
    const auto& counts = state[0];
    if (normalize_ == Normalize::None)
        return counts;
    const auto numbers = counts.to(at::kFloat);
    const auto all = normalize_ == Normalize::True ? numbers.sum(-1, true)
        : normalize_ == Normalize::Pred            ? numbers.sum(-2, true)
                                                   : numbers.sum(at::IntArrayRef({-2, -1}), true);
    const auto shares = numbers.div(all);
    return at::where(shares.isnan(), 0.0, shares);
}

} // namespace leyden
