// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/base_prediction_writer.h"

#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/loops/prediction_loop.h"
#include "engine/trainer/trainer.h"

namespace leyden {

void BasePredictionWriter::write_on_batch_end(Trainer&, LightningModule&, const StateTree&,
    const BatchIndices&, const Batch&, int64_t, int64_t)
{
    throw MisconfigurationError(name()
        + ": its write_interval has batches; override write_on_batch_end, or choose OnEpoch");
}

void BasePredictionWriter::write_on_epoch_end(Trainer&, LightningModule&,
    const std::vector<std::vector<StateTree>>&, const std::vector<std::vector<BatchIndices>>&)
{
    throw MisconfigurationError(
        name() + ": its write_interval has epochs; override write_on_epoch_end, or choose OnBatch");
}

void BasePredictionWriter::setup(Trainer& trainer, LightningModule&, TrainerFn)
{
    if (interval_ != WriteInterval::OnBatch)
        trainer.predict_loop().keeps_indices = true;
}

void BasePredictionWriter::on_predict_batch_end(Trainer& trainer, LightningModule& module,
    const StateTree& outputs, const Batch& batch, int64_t batch_idx, int64_t dataloader_idx)
{
    if (interval_ != WriteInterval::OnEpoch)
        write_on_batch_end(trainer, module, outputs, trainer.predict_loop().current_batch_indices,
            batch, batch_idx, dataloader_idx);
}

void BasePredictionWriter::on_predict_epoch_end(Trainer& trainer, LightningModule& module)
{
    const auto& loop = trainer.predict_loop();
    if (interval_ != WriteInterval::OnBatch)
        write_on_epoch_end(trainer, module, loop.predictions, loop.epoch_batch_indices);
}

} // namespace leyden
