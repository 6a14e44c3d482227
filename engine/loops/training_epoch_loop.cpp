// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/training_epoch_loop.h"

#include "engine/core/errors.h"
#include "engine/core/nested.h"
#include "engine/data/read_ahead.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/transfer.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_steering.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {

TrainingEpochLoop::TrainingEpochLoop(Trainer& trainer, FitLoop& fit_loop)
    : automatic_optimization(trainer)
    , manual_optimization(trainer)
    , val_loop(trainer, EvaluationKind::FitValidation)
    , trainer_(trainer)
    , fit_loop_(fit_loop)
{
}

bool TrainingEpochLoop::num_ready_batches_reached() const
{
    return batch_progress.current.ready >= fit_loop_.max_batches || is_last_batch;
}

bool TrainingEpochLoop::should_accumulate() const
{
    const bool window_full
        = batch_progress.current.ready % trainer_.live().accumulate_grad_batches == 0;
    return !window_full && !num_ready_batches_reached();
}

bool TrainingEpochLoop::done()
{
    const auto max_steps = trainer_.plan().max_steps;
    if ((max_steps != -1 && trainer_.global_step() >= max_steps) || num_ready_batches_reached())
        return true;
    if (!fit_loop_.wants_to_stop())
        return false;
    if (fit_loop_.can_stop_early())
        return true;
    if (!told_minimum_) {
        told_minimum_ = true;
        trainer_.message(MessageEvent::Level::Info,
            fmt::format("should_stop is set, but min_epochs = {} or min_steps = {} is not reached "
                        "yet; training goes on",
                trainer_.plan().min_epochs, trainer_.plan().min_steps));
    }
    return false;
}

void TrainingEpochLoop::run(LoopPhase resumed)
{
    if (resumed == LoopPhase::Start) {
        batch_progress.reset_on_run();
        scheduler_progress.reset_on_run();
        automatic_optimization.step_progress.reset_on_run();
        automatic_optimization.zero_grad_progress.reset_on_run();
        val_loop.batch_progress.total = {};
        is_last_batch = false;
        stream_ended = false;
        if (!iterator)
            start_iterator();
    } else {
        const auto& batches = batch_progress.current;
        if (resumed == LoopPhase::BatchEnd && batches.completed < batches.processed)
            finish_batch(fit_loop_.writes_open_rows());
        if (resumed != LoopPhase::BatchDone)
            after_batch(resumed);
    }
    auto& steering = fit_loop_.steering();
    while (!done()) {
        if (!advance())
            break;
        after_batch(LoopPhase::Start);
        steering.between_batches();
        if (steering.leaves_epoch())
            break;
    }
}

bool TrainingEpochLoop::advance()
{
    auto& trainer = trainer_;
    fit_loop_.speed.fetch_begins();
    const bool has_batch = [&] {
        const ProfileScope profile(
            trainer.profiler(), "[_TrainingEpochLoop].train_dataloader_next");
        return iterator->next(batch);
    }();
    fit_loop_.speed.fetch_ends();
    if (!has_batch && fit_loop_.is_stream) {
        if (batch_progress.current.ready == 0)
            throw DataError(
                fmt::format("train_dataloader: the IterableDataset gave no batch in epoch "
                            "{}; iterate() must begin with the first sample each time",
                    trainer.current_epoch()));
        stream_ended = true;
        return false;
    }
    if (!has_batch)
        throw DataError(fmt::format("the training data ended after {} of {} batches",
            batch_progress.current.ready, fit_loop_.max_batches));
    const auto idx = batch_idx() + 1;
    is_last_batch = ahead_ ? ahead_->is_done() : idx + 1 >= fit_loop_.max_batches;
    batch = transfer_batch(trainer, std::move(batch), 0);
    batch_progress.increment_ready();
    trainer.connector().on_batch_start(batch, -1);

    const HookPlace place{.batch_idx = idx};
    call_callbacks(
        trainer, Hook::OnTrainBatchStart,
        [&](Callback& c) {
            c.on_train_batch_start(trainer, trainer.lightning_module(), batch, idx);
        },
        place);
    const int response = call_module(
        trainer, Hook::OnTrainBatchStart,
        [&](LightningModule& m) { return m.on_train_batch_start(batch, idx); }, place);
    const bool skips_epoch = response == -1;
    const StateTree* outputs = nullptr;
    if (skips_epoch) {
        is_last_batch = true;
    } else {
        batch_progress.increment_started();
        const ProfileScope profile(trainer.profiler(), "run_training_batch");
        outputs = trainer.is_automatic_optimization()
            ? &automatic_optimization.run(
                  *trainer.optimizers().front(), batch, idx, should_accumulate())
            : &manual_optimization.run(batch, idx);
    }
    batch_progress.increment_processed();

    update_lr_schedulers("step", false);
    if (num_ready_batches_reached())
        update_lr_schedulers("epoch", false);
    if (skips_epoch)
        return false;

    trainer.phase = LoopPhase::BatchEnd;
    call_callbacks(
        trainer, Hook::OnTrainBatchEnd,
        [&](Callback& c) {
            c.on_train_batch_end(trainer, trainer.lightning_module(), *outputs, batch, idx);
        },
        place);
    call_module(
        trainer, Hook::OnTrainBatchEnd,
        [&](LightningModule& m) { m.on_train_batch_end(*outputs, batch, idx); }, place);
    finish_batch();
    return true;
}

void TrainingEpochLoop::finish_batch(bool writes_row)
{
    trainer_.connector().on_batch_end();
    batch_progress.increment_completed();
    if (writes_row && !should_accumulate()
        && (trainer_.should_update_logs() || trainer_.plan().fast_dev_run > 0))
        trainer_.log_row(trainer_.connector().collect(), true);
}

void TrainingEpochLoop::after_batch(LoopPhase resumed)
{
    auto& trainer = trainer_;
    const bool is_validated = resumed == LoopPhase::ValidationEnd;
    if (!is_validated && (resumed == LoopPhase::BeforeValidation || should_check_val())) {
        trainer.phase = LoopPhase::BeforeValidation;
        val_loop.save_random_state();
        const auto loop_iter = trainer.connector().loop_iter();
        trainer.state_.stage = RunningStage::Validating;
        if (!should_accumulate())
            call_module(trainer, Hook::OnValidationModelZeroGrad,
                [](LightningModule& m) { m.on_validation_model_zero_grad(); });
        const auto before = trainer.clock().monotonic();
        val_loop.run();
        fit_loop_.speed.leave_out(before);
        trainer.state_.stage = RunningStage::Training;
        trainer.connector().set_results(&results);
        trainer.connector().set_loop_iter(loop_iter);
    }
    update_lr_schedulers("step", true);
    if (!should_accumulate())
        ++batches_that_stepped;
    trainer.phase = LoopPhase::BatchDone;
}

bool TrainingEpochLoop::should_check_val_epoch() const
{
    const auto every = trainer_.plan().check_val_every_n_epoch;
    return trainer_.enable_validation() && (!every || (trainer_.current_epoch() + 1) % *every == 0);
}

bool TrainingEpochLoop::should_check_val()
{
    if (!should_check_val_epoch())
        return false;
    if (is_last_batch && fit_loop_.val_check_batch == unknown_size)
        return true;
    if (fit_loop_.wants_to_stop() && fit_loop_.can_stop_early())
        return true;
    const auto& interval = trainer_.plan().val_check_interval;
    if (interval.kind == ValidationInterval::Kind::Time)
        return trainer_.clock().monotonic() - fit_loop_.last_validation >= interval.time;
    const auto iteration
        = trainer_.plan().check_val_every_n_epoch ? batch_idx() : batch_progress.total.ready - 1;
    return (iteration + 1) % fit_loop_.val_check_batch == 0;
}

void TrainingEpochLoop::update_lr_schedulers(const char* interval, bool plateau)
{
    if (trainer_.lr_scheduler_configs().empty())
        return;
    const bool is_step = std::string_view(interval) == "step";
    if ((is_step && should_accumulate()) || !trainer_.is_automatic_optimization())
        return;
    for (auto& config : trainer_.lr_scheduler_configs()) {
        if (config.interval != interval || config.scheduler->needs_metric() != plateau)
            continue;
        const auto current = (is_step ? batch_idx() : trainer_.current_epoch()) + 1;
        if (current % config.frequency != 0)
            continue;
        std::optional<double> metric;
        if (plateau) {
            metric = trainer_.callback_metrics().find(config.monitor);
            if (!metric && waits_for_validation())
                continue;
            if (!metric && config.strict)
                throw MisconfigurationError(
                    fmt::format("lr_scheduler {} watches '{}', which nothing has logged; "
                                "there are: {}",
                        config.scheduler->name(), config.monitor,
                        fmt::join(trainer_.callback_metrics().names(), ", ")));
            if (!metric) {
                trainer_.warn(fmt::format(
                    "lr_scheduler {} watches '{}', which nothing has logged; its step is skipped",
                    config.scheduler->name(), config.monitor));
                continue;
            }
        }
        scheduler_progress.increment_ready();
        call_module(trainer_, Hook::LRSchedulerStep,
            [&](LightningModule& m) { m.lr_scheduler_step(*config.scheduler, metric); });
        scheduler_progress.increment_completed();
    }
}

bool TrainingEpochLoop::waits_for_validation() const
{
    return trainer_.enable_validation() && !val_loop.has_run
        && (!val_loop.is_set_up() || val_loop.max_batches() > 0);
}

void TrainingEpochLoop::start_iterator()
{
    iterator.reset(); // one pass at a time
    set_iterator(fit_loop_.loader().iterate());
}

void TrainingEpochLoop::resume_iterator(const StateTree& position)
{
    iterator.reset();
    set_iterator(fit_loop_.loader().resume(position));
}

void TrainingEpochLoop::set_iterator(std::unique_ptr<BatchIterator> pass)
{
    ahead_ = nullptr;
    if (fit_loop_.max_batches == unknown_size) {
        auto ahead = std::make_unique<ReadAhead>(std::move(pass));
        ahead_ = ahead.get();
        pass = std::move(ahead);
    }
    iterator = std::move(pass);
}

} // namespace leyden
