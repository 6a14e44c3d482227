// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/base_prediction_writer.h"
#include "engine/callbacks/prediction_writer_options.h"
#include "engine/core/export.h"

#include <filesystem>
#include <string>

namespace leyden {

/// Writes what predict gives as files that torch.load opens.
///
/// Files:  with batches `<loader>/<batch>.pt`, the output of one predict_step; with epochs
///         `predictions.pt`, a list of all of them, and `batch_indices.pt`, the rows of the data
///         that each was made of; lists a loader where there are several.
/// Throws: MisconfigurationError for bad options (constructor); CheckpointError where a file cannot
///         be written.
/// Source: the example of PyTorch Lightning 2.6, callbacks/prediction_writer.py.
class LEYDEN_API PredictionWriter final : public BasePredictionWriter
{
public:
    explicit PredictionWriter(PredictionWriterOptions options);

    std::string name() const override { return "PredictionWriter"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void write_on_batch_end(Trainer& trainer, LightningModule& module, const StateTree& prediction,
        const BatchIndices& batch_indices, const Batch& batch, int64_t batch_idx,
        int64_t dataloader_idx) override;
    void write_on_epoch_end(Trainer& trainer, LightningModule& module,
        const std::vector<std::vector<StateTree>>& predictions,
        const std::vector<std::vector<BatchIndices>>& batch_indices) override;

private:
    std::filesystem::path folder_;
};

} // namespace leyden
