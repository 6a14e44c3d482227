// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/prediction_loop.h"

#include "engine/core/errors.h"
#include "engine/core/nested.h"
#include "engine/data/combined_loader.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/module_mode.h"
#include "engine/loops/transfer.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_steering.h"
#include "engine/tuner/tuner_callback.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <spdlog/fmt/fmt.h>

#include <optional>

namespace leyden {

void PredictionLoop::setup_data()
{
    const auto loaders = call_loaders(trainer_, Hook::PredictDataloader,
        &LightningDataModule::predict_dataloader, &LightningModule::predict_dataloader);
    if (loaders.empty())
        throw MisconfigurationError(
            "predict needs a predict_dataloader, and there is none; override it");
    const auto combined = CombinedLoader::of(loaders, CombinedMode::Sequential);
    if (combined.mode() != CombinedMode::Sequential)
        throw MisconfigurationError(
            fmt::format("predict_dataloader: predict takes one loader after the other, and the "
                        "combined loader has mode {}; choose sequential",
                to_string(combined.mode())));
    loaders_ = combined.loaders();
}

std::vector<std::vector<StateTree>> PredictionLoop::run()
{
    auto& trainer = trainer_;
    const auto& limit = trainer.plan().limit_predict_batches;
    if (limit.is_zero())
        return {};
    setup_data();
    const std::optional<c10::InferenceMode> inference_mode = trainer.plan().inference_mode
        ? std::optional<c10::InferenceMode>(std::in_place, true)
        : std::nullopt;
    const at::NoGradGuard no_grad;
    const ModuleMode mode(trainer.lightning_module());
    using C = Callback;
    using M = LightningModule;
    call_module(trainer, Hook::OnPredictModelEval, [](M& m) { m.on_predict_model_eval(); });
    run_tuners(trainer);
    call_both(trainer, Hook::OnPredictStart, &C::on_predict_start, &M::on_predict_start);
    call_both(
        trainer, Hook::OnPredictEpochStart, &C::on_predict_epoch_start, &M::on_predict_epoch_start);
    batch_progress.reset_on_run();
    auto& outputs = predictions;
    outputs.clear();
    epoch_batch_indices.clear();
    for (size_t loader = 0; loader < loaders_.size(); ++loader) {
        const auto count = limit.resolve(loaders_[loader]->size(), "limit_predict_batches");
        const auto iterator = loaders_[loader]->iterate();
        outputs.emplace_back();
        epoch_batch_indices.emplace_back();
        Batch batch;
        const auto fetch = [&] {
            const ProfileScope profile(trainer.profiler(), "[_PredictionLoop].predict_next");
            return iterator->next(batch);
        };
        for (int64_t idx = 0; idx < count && fetch(); ++idx) {
            current_batch_indices = iterator->last_indices();
            if (keeps_indices)
                epoch_batch_indices.back().push_back(current_batch_indices);
            outputs.back().push_back(predict(std::move(batch), idx, int64_t(loader)));
            trainer.fit_loop().steering().in_evaluation(StageKind::Predicting, idx + 1, count);
        }
    }
    call_both(trainer, Hook::OnPredictEpochEnd, &C::on_predict_epoch_end, &M::on_predict_epoch_end);
    call_both(trainer, Hook::OnPredictEnd, &C::on_predict_end, &M::on_predict_end);
    mode.restore();
    return std::move(outputs);
}

StateTree PredictionLoop::predict(Batch raw, int64_t idx, int64_t loader_idx)
{
    auto& trainer = trainer_;
    auto& module = trainer.lightning_module();
    const Batch batch = transfer_batch(trainer, std::move(raw), loader_idx);
    batch_progress.increment_ready();
    const HookPlace place{.batch_idx = idx, .dataloader_idx = loader_idx};
    call_callbacks(
        trainer, Hook::OnPredictBatchStart,
        [&](Callback& c) { c.on_predict_batch_start(trainer, module, batch, idx, loader_idx); },
        place);
    call_module(
        trainer, Hook::OnPredictBatchStart,
        [&](LightningModule& m) { m.on_predict_batch_start(batch, idx, loader_idx); }, place);
    batch_progress.increment_started();
    auto output = call_module(
        trainer, Hook::PredictStep,
        [&](LightningModule& m) {
            const ForwardContext context(trainer.strategy().precision().forward());
            return m.predict_step(batch, idx, loader_idx);
        },
        place);
    batch_progress.increment_processed();
    call_callbacks(
        trainer, Hook::OnPredictBatchEnd,
        [&](Callback& c) {
            c.on_predict_batch_end(trainer, module, output, batch, idx, loader_idx);
        },
        place);
    call_module(
        trainer, Hook::OnPredictBatchEnd,
        [&](LightningModule& m) { m.on_predict_batch_end(output, batch, idx, loader_idx); }, place);
    batch_progress.increment_completed();
    return map_tensors(
        std::move(output), [](const at::Tensor& tensor) { return tensor.to(at::kCPU); });
}

StateTree PredictionLoop::state_dict() const
{
    return StateTree::dict(
        {{"state_dict", StateTree::dict()}, {"batch_progress", batch_progress.state_dict()}});
}

void PredictionLoop::load_state_dict(const StateTree& state)
{
    batch_progress.load_state_dict(state.at("batch_progress"));
}

} // namespace leyden
