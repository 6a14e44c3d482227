// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metrics/perplexity.h"

#include "engine/core/errors.h"
#include "engine/metrics/classification_input.h"

#include <ATen/ops/full.h>
#include <ATen/ops/masked_select.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/util/StringUtil.h>

namespace leyden {

using namespace classification;

Perplexity::Perplexity(std::optional<int64_t> ignore_index)
    : AccumulatedMetric({{"total_log_probs", Join::Sum, at::zeros({}, at::kFloat), true},
          {"count", Join::Sum, at::zeros({}, at::kFloat), true}})
    , ignore_index_(ignore_index)
{
}

AccumulatedMetric::State Perplexity::state_of(
    const at::Tensor& preds, const at::Tensor& target) const
{
    if (preds.dim() != 3 || target.dim() != 2 || preds.sizes().slice(0, 2) != target.sizes()
        || !preds.is_floating_point() || target.scalar_type() != at::kLong)
        throw MisconfigurationError(c10::str("Perplexity: predictions are ", preds.scalar_type(),
            " of shape ", preds.sizes(), ", targets ", target.scalar_type(), " of shape ",
            target.sizes(), "; expected floating [N, T, V] and int64 [N, T]"));
    const auto keep = kept(target.reshape(-1), ignore_index_);
    check_values(target.reshape(-1), keep, preds.size(2), "target", "Perplexity");
    const auto all = at::softmax(preds.reshape({-1, preds.size(2)}), 1);
    auto tokens = target.reshape({-1, 1});
    if (keep.defined())
        tokens = at::where(keep.unsqueeze(1), tokens, 0);
    auto probs = all.gather(1, tokens).squeeze(1);
    if (keep.defined()) // out of the sum, not 0 in it: so that it adds up in the same order
        probs = probs.masked_select(keep);
    const auto count = at::full({}, probs.numel(), probs.options().dtype(at::kFloat));
    return {probs.log().sum().neg(), count};
}

at::Tensor Perplexity::value_of(const State& state) const
{
    return state[0].div(state[1]).exp();
}

} // namespace leyden
