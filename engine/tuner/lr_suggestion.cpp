// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/lr_suggestion.h"

#include <ATen/ops/argmin.h>
#include <ATen/ops/gradient.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

namespace leyden {
namespace {

/// Where the loss falls fastest over `x`.
size_t steepest(const std::vector<double>& x, const std::vector<double>& loss, at::ScalarType dtype)
{
    const auto position = at::tensor(x, at::kDouble).to(dtype);
    const auto slopes
        = at::gradient(at::tensor(loss, at::kDouble).to(dtype), std::vector<at::Tensor>{position});
    return size_t(slopes[0].argmin().item<int64_t>());
}

/// The middle of the longest run of points, not necessarily neighbours, each lower than the one
/// before.
size_t middle_of_longest_fall(const std::vector<double>& loss)
{
    std::vector<size_t> length(loss.size(), 1), before(loss.size());
    size_t last = 0;
    for (size_t i = 0; i < loss.size(); ++i) {
        before[i] = i;
        for (size_t j = 0; j < i; ++j) {
            if (loss[i] < loss[j] && length[j] + 1 > length[i]) {
                length[i] = length[j] + 1;
                before[i] = j;
            }
        }
        if (length[i] > length[last])
            last = i;
    }
    size_t first = last;
    while (before[first] != first)
        first = before[first];
    return first + (last - first) / 2;
}

} // namespace

std::optional<size_t> suggested_point(
    const LRCurve& curve, SuggestionMethod method, int64_t skip_begin, int64_t skip_end)
{
    const auto count = int64_t(std::min(curve.lr.size(), curve.loss.size()));
    std::vector<size_t> kept;
    std::vector<double> lr, loss;
    for (int64_t i = skip_begin; i < count - skip_end; ++i) {
        const auto at = size_t(i);
        const bool is_finite = method == SuggestionMethod::Lightning
            ? std::isfinite(float(curve.loss[at]))
            : std::isfinite(curve.loss[at]);
        if (!is_finite)
            continue;
        kept.push_back(at);
        lr.push_back(curve.lr[at]);
        loss.push_back(curve.loss[at]);
    }
    if (kept.size() < 2)
        return std::nullopt;
    switch (method) {
    case SuggestionMethod::Lightning:
        return kept[steepest(lr, loss, at::kFloat)];
    case SuggestionMethod::Steepest:
        for (auto& rate : lr)
            rate = std::log(rate);
        return kept[steepest(lr, loss, at::kDouble)];
    case SuggestionMethod::Valley:
        return kept[middle_of_longest_fall(loss)];
    case SuggestionMethod::Minimum:
        return kept[size_t(std::min_element(loss.begin(), loss.end()) - loss.begin())];
    }
    return std::nullopt;
}

std::optional<double> suggested_lr(
    const LRCurve& curve, SuggestionMethod method, int64_t skip_begin, int64_t skip_end)
{
    const auto point = suggested_point(curve, method, skip_begin, skip_end);
    if (!point)
        return std::nullopt;
    return method == SuggestionMethod::Minimum ? curve.lr[*point] / 10 : curve.lr[*point];
}

} // namespace leyden
