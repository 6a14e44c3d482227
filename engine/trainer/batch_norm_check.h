// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

class LightningDataModule;
class LightningModule;
struct DataSpec;
struct TrainerOptions;

/// The training batches of an epoch.
struct TrainingBatches
{
    int64_t rows = 0;
    int64_t batch_size = 1;
    bool drop_last = false;

    int64_t count() const; ///< of an epoch that is not limited
};

/// Of a data module that tells its training rows (spec) and its attributes "batch_size" and
/// "drop_last"; none of another.
LEYDEN_API std::optional<TrainingBatches> training_batches(LightningDataModule& data);

/// Why the first epoch would fail at a batch of one row: batch norm cannot train on one value a
/// channel. "" where it would not.
///
/// Found by a forward pass of one row of zeros (predict_step), which is only done where such a
/// batch comes up among the first `used` and the module has a batch norm. All layers but those
/// evaluate in it, so that no layer draws a random number; modes and buffers are put back.
LEYDEN_API std::string batch_norm_problem(
    LightningModule& module, const DataSpec& spec, const TrainingBatches& batches, int64_t used);

/// The same for a model and its data before they train: throws MisconfigurationError that names
/// data/init_args/batch_size. For whoever checks a config (`leyden check`, forms, the start of a
/// fit). Nothing is checked where the limits of the options do not fit the data, which others
/// tell, or where BatchSizeFinder is to set the batch size; the fit looks again before its first
/// batch. The first form puts every random generator back as well.
LEYDEN_API void check_batch_norm(
    LightningModule& module, LightningDataModule& data, const TrainerOptions& options);
LEYDEN_API void check_batch_norm(LightningModule& module, const DataSpec& spec,
    const TrainingBatches& batches, const TrainerOptions& options);

} // namespace leyden
