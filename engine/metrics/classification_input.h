// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/metrics/classification_options.h"

#include <ATen/core/Tensor.h>

namespace leyden::classification {

/// Scores as probabilities: where any lies outside [0, 1], all are taken for logits; softmax goes
/// over dimension 1.
at::Tensor probabilities(const at::Tensor& scores, bool is_softmax = false);

/// 0 and 1 of scores (above the threshold) or of labels. Any shape, int64.
at::Tensor binary_labels(const at::Tensor& preds, double threshold);

/// Class indices, int64, of the targets' shape. preds: [N, C, ...] scores or [N, ...] indices. With
/// top_k the target itself where it is among the k highest scores, else the highest.
at::Tensor class_labels(const at::Tensor& preds, const at::Tensor& target,
    const ClassificationOptions& options, const char* metric);

/// false where the target is ignored; undefined where none is.
at::Tensor kept(const at::Tensor& target, std::optional<int64_t> ignore_index);

/// How often each cell in [0, cells) occurs among kept indices: [cells] int64, without waiting for
/// the device.
at::Tensor count_cells(const at::Tensor& index, const at::Tensor& keep, int64_t cells);

/// num / denom in float32, `at_zero` where denom is 0.
at::Tensor share(const at::Tensor& num, const at::Tensor& denom, double at_zero = 0.0);

/// Throw MisconfigurationError. Values are looked at on the CPU alone: elsewhere that would wait.
void check_same_shape(const at::Tensor& preds, const at::Tensor& target, const char* metric);
void check_labels(const at::Tensor& preds, int64_t num_labels, const char* metric); ///< [N, L, ...]
void check_values(const at::Tensor& labels, const at::Tensor& keep, int64_t classes,
    const char* what,
    const char* metric); ///< all kept ones in [0, classes)

} // namespace leyden::classification
