// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/export.h"

#include <cstdint>
#include <vector>

namespace leyden {

enum class WriteInterval { OnBatch, OnEpoch, OnBatchAndEpoch };

/// Base of callbacks that write what predict gives: batch by batch, or all at the end.
///
/// Indices: rows of the data set that a batch was made of; empty where the loader does not know
///          them.
/// Source:  PyTorch Lightning 2.6, callbacks/prediction_writer.py.
class LEYDEN_API BasePredictionWriter : public Callback
{
public:
    explicit BasePredictionWriter(WriteInterval write_interval = WriteInterval::OnBatch)
        : interval_(write_interval)
    {
    }

    using BatchIndices = std::vector<int64_t>;

    /// Where the interval has batches. Default: throws MisconfigurationError, as an override is
    /// missing.
    virtual void write_on_batch_end(Trainer& trainer, LightningModule& module,
        const StateTree& prediction, const BatchIndices& batch_indices, const Batch& batch,
        int64_t batch_idx, int64_t dataloader_idx);
    /// Where the interval has epochs; a list of batches a loader, on the CPU. Default: as above.
    virtual void write_on_epoch_end(Trainer& trainer, LightningModule& module,
        const std::vector<std::vector<StateTree>>& predictions,
        const std::vector<std::vector<BatchIndices>>& batch_indices);

    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_predict_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    void on_predict_epoch_end(Trainer& trainer, LightningModule& module) override;

    WriteInterval interval() const { return interval_; }

private:
    WriteInterval interval_;
};

} // namespace leyden
