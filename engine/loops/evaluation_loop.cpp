// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/evaluation_loop.h"

#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/data/read_ahead.h"
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

#include <algorithm>
#include <numeric>
#include <optional>

namespace leyden {
namespace {

std::vector<CombinedLoader> passes_of(const DataLoaders& loaders)
{
    if (loaders.empty())
        return {};
    const auto combined = CombinedLoader::of(loaders, CombinedMode::Sequential);
    if (combined.mode() != CombinedMode::Sequential)
        return {combined};
    std::vector<CombinedLoader> passes;
    for (const auto& loader : combined.loaders())
        passes.push_back(CombinedLoader::of({loader}, CombinedMode::Sequential));
    return passes;
}

} // namespace

EvaluationLoop::EvaluationLoop(Trainer& trainer, EvaluationKind kind)
    : trainer_(trainer), kind_(kind)
{
}

bool EvaluationLoop::should_reload() const
{
    const auto every = trainer_.plan().reload_dataloaders_every_n_epochs;
    return every > 0
        && (!loaded_in_epoch_ || trainer_.current_epoch() - *loaded_in_epoch_ >= every);
}

void EvaluationLoop::setup_data()
{
    const bool fits = kind_ == EvaluationKind::FitValidation;
    if (is_set_up_ && fits && !should_reload())
        return;
    auto& trainer = trainer_;
    const auto& limit
        = is_test() ? trainer.plan().limit_test_batches : trainer.plan().limit_val_batches;
    const bool has_step = is_test() ? trainer.lightning_module().has_test_step()
                                    : trainer.lightning_module().has_validation_step();
    if (limit.is_zero() || !has_step) {
        passes_.clear();
        max_batches_.clear();
        return;
    }
    // What the sanity check loads counts only where its epoch would have validated anyway.
    if (!trainer.sanity_checking() || trainer.fit_loop().epoch_loop.should_check_val_epoch())
        loaded_in_epoch_ = trainer.current_epoch();
    using D = LightningDataModule;
    using M = LightningModule;
    const auto loaders = is_test()
        ? call_loaders(trainer, Hook::TestDataloader, &D::test_dataloader, &M::test_dataloader)
        : call_loaders(trainer, Hook::ValDataloader, &D::val_dataloader, &M::val_dataloader);
    if (loaders.empty() && kind_ != EvaluationKind::FitValidation)
        throw MisconfigurationError(is_test() ? "test needs rows to test on, and the data has "
                                                "none; set test_rows or test_fraction"
                                              : "validate needs rows to validate on, and the data "
                                                "has none; set val_rows or val_fraction");
    passes_ = passes_of(loaders);
    is_set_up_ = true;
    if (fits && trainer.plan().is_overfitting) {
        for (auto& pass : passes_) {
            if (pass.shuffles()) {
                trainer.warn("overfit_batches: the validation data is not shuffled");
                pass = pass.in_order();
            }
        }
    }
    const auto* option = is_test()      ? "limit_test_batches"
        : trainer.plan().is_overfitting ? "overfit_batches"
                                        : "limit_val_batches";
    max_batches_.clear();
    for (const auto& pass : passes_) {
        std::vector<int64_t> limits;
        for (const auto& loader : pass.loaders())
            limits.push_back(limit.resolve(loader->size(), option));
        max_batches_.push_back(pass.size(limits));
    }
    seen_batches_.assign(passes_.size(), 0);
}

int64_t EvaluationLoop::batches_of(size_t pass) const
{
    const auto all = max_batches_[pass];
    const auto sanity = trainer_.plan().num_sanity_val_steps;
    return trainer_.sanity_checking() && sanity >= 0 ? std::min(all, sanity) : all;
}

int64_t EvaluationLoop::max_batches() const
{
    int64_t sum = 0;
    for (size_t i = 0; i < max_batches_.size(); ++i) {
        if (batches_of(i) == unknown_size)
            return unknown_size;
        sum += batches_of(i);
    }
    return sum;
}

EvaluationResults EvaluationLoop::run()
{
    auto& trainer = trainer_;
    setup_data();
    if (max_batches() == 0)
        return {};
    // Inside fit always no-grad: inference tensors could not be used in training afterwards.
    const bool inference = kind_ != EvaluationKind::FitValidation && trainer.plan().inference_mode;
    const std::optional<c10::InferenceMode> inference_mode
        = inference ? std::optional<c10::InferenceMode>(std::in_place, true) : std::nullopt;
    const at::NoGradGuard no_grad;

    has_run = false;
    batch_progress.reset_on_run();
    trainer.connector().set_results(&results);
    trainer.connector().epoch_end_reached();

    auto& module = trainer.lightning_module();
    const ModuleMode mode(module);
    using C = Callback;
    using M = LightningModule;
    call_module(trainer, is_test() ? Hook::OnTestModelEval : Hook::OnValidationModelEval,
        [&](M& m) { is_test() ? m.on_test_model_eval() : m.on_validation_model_eval(); });
    if (kind_ != EvaluationKind::FitValidation)
        run_tuners(trainer);
    if (is_test()) {
        call_both(trainer, Hook::OnTestStart, &C::on_test_start, &M::on_test_start);
        call_both(
            trainer, Hook::OnTestEpochStart, &C::on_test_epoch_start, &M::on_test_epoch_start);
    } else {
        call_both(
            trainer, Hook::OnValidationStart, &C::on_validation_start, &M::on_validation_start);
        call_both(trainer, Hook::OnValidationEpochStart, &C::on_validation_epoch_start,
            &M::on_validation_epoch_start);
    }

    EvaluationResults outputs;
    for (size_t pass = 0; pass < passes_.size(); ++pass) {
        if (batches_of(pass) == 0)
            continue;
        run_pass(pass);
        trainer.connector().epoch_end_reached();
        outputs.push_back(collect_epoch());
    }
    trainer.connector().epoch_end_reached();
    results.dataloader_idx = -1;
    if (is_test())
        call_both(trainer, Hook::OnTestEpochEnd, &C::on_test_epoch_end, &M::on_test_epoch_end);
    else
        call_both(trainer, Hook::OnValidationEpochEnd, &C::on_validation_epoch_end,
            &M::on_validation_epoch_end);
    trainer.connector().on_epoch_end();

    // One row with everything; what was logged at the epoch's end belongs to every loader.
    const auto at_end = collect_epoch();
    MetricRow row;
    const auto merge = [](std::vector<std::pair<std::string, double>>& into, const auto& from) {
        for (const auto& [name, value] : from) {
            const auto found = std::find_if(
                into.begin(), into.end(), [&](const auto& v) { return v.first == name; });
            if (found == into.end())
                into.emplace_back(name, value);
            else
                found->second = value;
        }
    };
    std::vector<std::pair<std::string, double>> all;
    for (auto& loader_outputs : outputs) {
        merge(all, loader_outputs);
        merge(loader_outputs, at_end);
    }
    merge(all, at_end);
    if (!trainer.sanity_checking()) {
        for (const auto& [name, value] : all)
            row.values.push_back({name, value, false});
        trainer.log_row(std::move(row), true);
    }

    if (kind_ == EvaluationKind::FitValidation && !trainer.sanity_checking()
        && !trainer.is_beside_the_run())
        trainer.phase = LoopPhase::ValidationEnd;
    if (is_test())
        call_both(trainer, Hook::OnTestEnd, &C::on_test_end, &M::on_test_end);
    else
        call_both(trainer, Hook::OnValidationEnd, &C::on_validation_end, &M::on_validation_end);
    trainer.connector().reset_results();
    if (!module.has_model_train_hooks())
        mode.restore();
    else if (is_test())
        call_module(trainer, Hook::OnTestModelTrain, [](M& m) { m.on_test_model_train(); });
    else
        call_module(
            trainer, Hook::OnValidationModelTrain, [](M& m) { m.on_validation_model_train(); });
    trainer.fit_loop().last_validation = trainer.clock().monotonic();
    return outputs;
}

std::vector<std::pair<std::string, double>> EvaluationLoop::collect_epoch()
{
    if (trainer_.sanity_checking())
        return {};
    std::vector<std::pair<std::string, double>> values;
    for (auto& value : trainer_.connector().collect().values)
        values.emplace_back(std::move(value.name), value.value);
    return values;
}

void EvaluationLoop::run_pass(size_t pass)
{
    auto& trainer = trainer_;
    std::unique_ptr<BatchIterator> iterator = passes_[pass].iterate();
    const auto count = batches_of(pass);
    const ReadAhead* ahead = nullptr;
    if (count == unknown_size) {
        auto reader = std::make_unique<ReadAhead>(std::move(iterator));
        ahead = reader.get();
        iterator = std::move(reader);
    }
    const auto stage = trainer.sanity_checking() ? StageKind::SanityChecking
        : is_test()                              ? StageKind::Testing
                                                 : StageKind::Validating;
    const auto* fetching = is_test() ? "[_EvaluationLoop].test_next" : "[_EvaluationLoop].val_next";
    Batch batch;
    const auto fetch = [&] {
        const ProfileScope profile(trainer.profiler(), fetching);
        return iterator->next(batch);
    };
    int64_t idx = 0;
    for (; idx < count && fetch(); ++idx) {
        is_last_batch = pass + 1 == passes_.size() && (ahead ? ahead->is_done() : idx + 1 == count);
        evaluate(std::move(batch), idx, pass);
        trainer.fit_loop().steering().in_evaluation(
            stage, batch_progress.current.completed, max_batches());
    }
    if (idx == 0) // a loader of rows without a batch is left out before
        trainer.connector().warn_once(fmt::format(
            "{}_dataloader: the IterableDataset gave no batch; iterate() must begin with the first "
            "sample each time",
            is_test() ? "test" : "val"));
}

void EvaluationLoop::evaluate(Batch raw, int64_t idx, size_t pass)
{
    auto& trainer = trainer_;
    auto& module = trainer.lightning_module();
    const auto loader_idx = int64_t(pass); // 0 where loaders are combined
    const Batch batch = transfer_batch(trainer, std::move(raw), loader_idx);
    batch_progress.increment_ready();
    trainer.connector().on_batch_start(batch, passes_.size() > 1 ? loader_idx : -1);

    const HookPlace place{.batch_idx = idx, .dataloader_idx = loader_idx};
    if (is_test()) {
        call_callbacks(
            trainer, Hook::OnTestBatchStart,
            [&](Callback& c) { c.on_test_batch_start(trainer, module, batch, idx, loader_idx); },
            place);
        call_module(
            trainer, Hook::OnTestBatchStart,
            [&](LightningModule& m) { m.on_test_batch_start(batch, idx, loader_idx); }, place);
    } else {
        call_callbacks(
            trainer, Hook::OnValidationBatchStart,
            [&](Callback& c) {
                c.on_validation_batch_start(trainer, module, batch, idx, loader_idx);
            },
            place);
        call_module(
            trainer, Hook::OnValidationBatchStart,
            [&](LightningModule& m) { m.on_validation_batch_start(batch, idx, loader_idx); },
            place);
    }
    batch_progress.increment_started();
    const auto output = call_module(
        trainer, is_test() ? Hook::TestStep : Hook::ValidationStep,
        [&](LightningModule& m) {
            const ForwardContext context(trainer.strategy().precision().forward());
            return is_test() ? m.test_step(batch, idx, loader_idx)
                             : m.validation_step(batch, idx, loader_idx);
        },
        place);
    batch_progress.increment_processed();
    if (is_test()) {
        call_callbacks(
            trainer, Hook::OnTestBatchEnd,
            [&](Callback& c) {
                c.on_test_batch_end(trainer, module, output, batch, idx, loader_idx);
            },
            place);
        call_module(
            trainer, Hook::OnTestBatchEnd,
            [&](LightningModule& m) { m.on_test_batch_end(output, batch, idx, loader_idx); },
            place);
    } else {
        call_callbacks(
            trainer, Hook::OnValidationBatchEnd,
            [&](Callback& c) {
                c.on_validation_batch_end(trainer, module, output, batch, idx, loader_idx);
            },
            place);
        call_module(
            trainer, Hook::OnValidationBatchEnd,
            [&](LightningModule& m) { m.on_validation_batch_end(output, batch, idx, loader_idx); },
            place);
    }
    trainer.connector().on_batch_end();
    batch_progress.increment_completed();
    if (trainer.sanity_checking())
        return;
    has_run = true;
    auto row = trainer.connector().collect();
    row.step = seen_batches_[pass]++;
    trainer.log_row(std::move(row), false);
}

void EvaluationLoop::save_random_state()
{
    random_state_before = generator_states();
}

StateTree EvaluationLoop::state_dict() const
{
    auto batches = batch_progress.state_dict();
    batches.set("is_last_batch", is_last_batch);
    return StateTree::dict(
        {{"state_dict", StateTree::dict()}, {"batch_progress", std::move(batches)}});
}

void EvaluationLoop::load_state_dict(const StateTree& state)
{
    batch_progress.load_state_dict(state.at("batch_progress"));
}

void EvaluationLoop::release()
{
    passes_.clear();
    max_batches_.clear();
    results.slots().clear(); // they point to metrics of the module
    is_set_up_ = false;
    loaded_in_epoch_.reset();
}

} // namespace leyden
