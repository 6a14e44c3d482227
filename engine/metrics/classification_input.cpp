// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/classification_input.h"

#include "engine/core/errors.h"

#include <ATen/ops/aminmax.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/util/StringUtil.h>

namespace leyden::classification {

at::Tensor probabilities(const at::Tensor& scores, bool is_softmax)
{
    const auto converted = [&] { return is_softmax ? at::softmax(scores, 1) : scores.sigmoid(); };
    const auto inside = scores.ge(0).logical_and_(scores.le(1)).all(); // NaN counts as outside
    if (scores.is_cpu())
        return inside.item<bool>() ? scores : converted();
    return at::where(inside, scores, converted());
}

at::Tensor binary_labels(const at::Tensor& preds, double threshold)
{
    return preds.is_floating_point() ? probabilities(preds).gt(threshold).to(at::kLong)
                                     : preds.to(at::kLong);
}

at::Tensor class_labels(const at::Tensor& preds, const at::Tensor& target,
    const ClassificationOptions& options, const char* metric)
{
    if (preds.dim() != target.dim() + 1) {
        if (options.top_k != 1)
            throw MisconfigurationError(c10::str(
                metric, ": top_k = ", options.top_k, " needs scores of all classes, [N, C, ...]"));
        check_same_shape(preds, target, metric);
        return preds.to(at::kLong);
    }
    const bool fits = preds.is_floating_point() && preds.sizes().slice(2) == target.sizes().slice(1)
        && preds.size(0) == target.size(0)
        && (options.num_classes == 0 || preds.size(1) == options.num_classes);
    if (!fits)
        throw MisconfigurationError(c10::str(metric, ": predictions are ", preds.scalar_type(),
            " of shape ", preds.sizes(), ", targets have shape ", target.sizes(),
            "; expected floating [N, C, ...] and [N, ...]",
            options.num_classes ? c10::str(" with C = ", options.num_classes) : std::string()));
    if (options.top_k == 1)
        return at::argmax(preds, 1);
    const auto highest = std::get<1>(at::topk(preds, options.top_k, 1));
    const auto is_among = highest.eq(target.unsqueeze(1)).any(1);
    return at::where(is_among, target.to(at::kLong), highest.select(1, 0));
}

at::Tensor kept(const at::Tensor& target, std::optional<int64_t> ignore_index)
{
    return ignore_index ? target.ne(*ignore_index) : at::Tensor();
}

at::Tensor count_cells(const at::Tensor& index, const at::Tensor& keep, int64_t cells)
{
    // What does not count goes to one more cell.
    const auto cell = (keep.defined() ? at::where(keep, index, cells) : index).reshape(-1);
    return at::zeros({cells + 1}, cell.options())
        .scatter_add_(0, cell, at::ones_like(cell))
        .narrow(0, 0, cells);
}

at::Tensor share(const at::Tensor& num, const at::Tensor& denom, double at_zero)
{
    const auto divisor = denom.to(at::kFloat);
    const auto quotient = num.to(at::kFloat).div(divisor);
    return at::where(divisor.ne(0), quotient, at::full({}, at_zero, quotient.options()));
}

void check_same_shape(const at::Tensor& preds, const at::Tensor& target, const char* metric)
{
    if (preds.sizes() != target.sizes())
        throw MisconfigurationError(c10::str(metric, ": predictions have shape ", preds.sizes(),
            ", targets ", target.sizes(), "; they have to be equal"));
}

void check_labels(const at::Tensor& preds, int64_t num_labels, const char* metric)
{
    if (preds.dim() < 2 || preds.size(1) != num_labels)
        throw MisconfigurationError(c10::str(metric, ": predictions have shape ", preds.sizes(),
            "; expected [N, L, ...] with L = num_classes = ", num_labels));
}

void check_values(const at::Tensor& labels, const at::Tensor& keep, int64_t classes,
    const char* what, const char* metric)
{
    if (!labels.is_cpu() || labels.numel() == 0)
        return;
    const auto [least, most] = (keep.defined() ? at::where(keep, labels, 0) : labels).aminmax();
    const auto low = least.item<int64_t>();
    const auto high = most.item<int64_t>();
    if (low < 0 || high >= classes)
        throw MisconfigurationError(
            c10::str(metric, ": ", what, " has the value ", low < 0 ? low : high,
                "; expected 0 to ", classes - 1, keep.defined() ? " or ignore_index" : ""));
}

} // namespace leyden::classification
