// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/accumulated_metric.h"

#include <optional>

namespace leyden {

/// exp of the mean negative log probability of the true tokens.
///
/// preds:  [N, T, V] floating logits or log probabilities.
/// target: [N, T] int64, the token at each place, 0 to V - 1 or ignore_index. Same device.
/// Value:  [] float32; NaN while empty.
/// State:  "total_log_probs" and "count" [] float32. Waits for the device with ignore_index alone.
/// Throws: MisconfigurationError for shapes and types that do not fit and, on the CPU, for tokens
/// out
///         of range.
/// Source: torchmetrics 1.9, text/perplexity.py.
class LEYDEN_API Perplexity final : public AccumulatedMetric
{
public:
    explicit Perplexity(std::optional<int64_t> ignore_index = {});

private:
    State state_of(const at::Tensor& preds, const at::Tensor& target) const override;
    at::Tensor value_of(const State& state) const override;
    std::optional<int64_t> ignore_index_;
};

} // namespace leyden
