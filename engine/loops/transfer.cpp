// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/transfer.h"

#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"

namespace leyden {
namespace {

/// The data module's hook where it has one, else the module's.
template <class Function>
Batch call_transfer(
    Trainer& trainer, Hook hook, bool is_datas, const HookPlace& place, Function&& function)
{
    const HookScope scope(
        trainer, hook, is_datas ? HookOwner::DataModule : HookOwner::Module, place);
    return is_datas ? function(trainer.datamodule()) : function(scope.module());
}

} // namespace

Batch transfer_batch(Trainer& trainer, Batch batch, int64_t dataloader_idx)
{
    const auto datas
        = trainer.has_datamodule() ? trainer.datamodule().transfer_hooks() : TransferHooks{};
    const HookPlace place{.dataloader_idx = dataloader_idx};
    auto& strategy = trainer.strategy();
    const ProfileScope profile(trainer.profiler(), strategy, "batch_to_device");
    // Each stage has a batch of its own: to assign one costs more than to make it.
    auto converted = strategy.precision().convert_input(std::move(batch));
    auto prepared = call_transfer(trainer, Hook::OnBeforeBatchTransfer,
        datas.on_before_batch_transfer, place, [&](auto& owner) {
            return owner.on_before_batch_transfer(std::move(converted), dataloader_idx);
        });
    auto moved = call_transfer(trainer, Hook::TransferBatchToDevice, datas.transfer_batch_to_device,
        place, [&](auto& owner) {
            return owner.transfer_batch_to_device(
                std::move(prepared), strategy.root_device(), dataloader_idx);
        });
    return call_transfer(trainer, Hook::OnAfterBatchTransfer, datas.on_after_batch_transfer, place,
        [&](auto& owner) {
            return owner.on_after_batch_transfer(std::move(moved), dataloader_idx);
        });
}

} // namespace leyden
