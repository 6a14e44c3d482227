// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/transfer.h"

#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

namespace leyden {

Batch transfer_batch(Trainer& trainer, Batch batch, int64_t dataloader_idx)
{
    batch = trainer.strategy().precision().convert_input(std::move(batch));
    const HookPlace place {.dataloader_idx = dataloader_idx};
    batch = call_module(trainer, Hook::OnBeforeBatchTransfer,
        [&](LightningModule& m) { return m.on_before_batch_transfer(std::move(batch), dataloader_idx); }, place);
    batch = call_module(trainer, Hook::TransferBatchToDevice, [&](LightningModule& m) {
        return m.transfer_batch_to_device(std::move(batch), trainer.strategy().root_device(), dataloader_idx);
    }, place);
    return call_module(trainer, Hook::OnAfterBatchTransfer,
        [&](LightningModule& m) { return m.on_after_batch_transfer(std::move(batch), dataloader_idx); }, place);
}

} // namespace leyden
