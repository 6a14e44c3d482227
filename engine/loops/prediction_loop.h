// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/trainer/progress.h"

#include <cstdint>
#include <vector>

namespace leyden {

class Trainer;

/// Prediction: every loader in turn, outputs moved to the CPU.
///
/// Source: PyTorch Lightning 2.6, loops/prediction_loop.py.
class PredictionLoop
{
public:
    explicit PredictionLoop(Trainer& trainer) : trainer_(trainer) { }

    std::vector<std::vector<StateTree>> run();
    void setup_data();
    const DataLoaders& loaders() const { return loaders_; }
    void release() { loaders_.clear(); }
    StateTree state_dict() const;
    void load_state_dict(const StateTree& state);

    Progress batch_progress;
    bool keeps_indices = false; ///< a writer of whole epochs wants epoch_batch_indices
    std::vector<int64_t> current_batch_indices; ///< rows of the batch that runs
    /// a list of batches a loader
    std::vector<std::vector<std::vector<int64_t>>> epoch_batch_indices;
    std::vector<std::vector<StateTree>> predictions; ///< of this run so far, a list of batches a
                                                     ///< loader

private:
    StateTree predict(Batch batch, int64_t batch_idx, int64_t dataloader_idx);

    Trainer& trainer_;
    DataLoaders loaders_;
};

} // namespace leyden
