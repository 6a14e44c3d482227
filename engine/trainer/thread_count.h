// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>

namespace leyden {

class LightningDataModule;
class LightningModule;

/// How many threads an operation gets where num_threads is unset: one for each 2 million
/// multiply-adds of the largest layer's product, at least 1, at most `available`. Below that a
/// second thread costs more than it does: 1.6 times the time of one for an MLP 128-64 at batch 64,
/// 0.7 times for an MLP 512-512 (two cores; tests/benchmarks/run.py --only threads).
///
/// Known are models of linear layers and normalizations alone; another gets `available`.
/// The result depends on the model, the batch size and `available` only, so that a run repeats.
///
/// batch_size: rows of a batch, >= 1.
LEYDEN_API int64_t threads_for_model(
    const LightningModule& module, int64_t batch_size, int64_t available);

/// Whether the environment sets OMP_NUM_THREADS or MKL_NUM_THREADS: these are used as given.
LEYDEN_API bool environment_sets_threads();

/// Sets threads_for_model() for the process, from the count that LibTorch has. Leaves it where the
/// environment sets it, or the data has no attribute "batch_size".
LEYDEN_API void choose_threads(const LightningModule& module, const LightningDataModule& data);

} // namespace leyden
