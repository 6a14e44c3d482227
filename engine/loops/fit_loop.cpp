// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/fit_loop.h"

#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/module_tensors.h"
#include "engine/callbacks/timer.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/loops/loader_position.h"
#include "engine/trainer/batch_norm_check.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/run_steering.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace leyden {
namespace {

/// A hand's stop is told otherwise: here a callback or the module set should_stop.
std::string why_it_should_stop(const Trainer& trainer)
{
    for (const auto& callback : trainer.callbacks()) {
        const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get());
        if (stopping && stopping->has_asked_for_stop())
            return "EarlyStopping stopped it";
        if (stopping && !trainer.resumed_from().empty() && stopping->holds_verdict())
            return fmt::format("EarlyStopping had stopped the run of '{}' already; {} to train on",
                trainer.resumed_from(), stopping->how_to_train_on());
        const auto* timer = dynamic_cast<const Timer*>(callback.get());
        if (timer && timer->is_used_up())
            return "the time of the Timer is used up";
    }
    return "a callback or the module set should_stop";
}

/// After a finder or a hook has set the batch size, which check_batch_norm cannot know.
void check_last_batch(Trainer& trainer, const DataLoaders& loaders, int64_t used)
{
    auto& module = trainer.lightning_module();
    if (loaders.size() != 1 || !trainer.has_datamodule() || !contains_batch_norm(module)
        || loaders.front()->size() == unknown_size)
        return;
    const GeneratorGuard generators;
    const auto& options = loaders.front()->options();
    if (const auto max_steps = trainer.plan().max_steps; max_steps != -1) // a finder's, for one
        used = std::min(used,
            (max_steps - trainer.global_step()) * trainer.plan().live.accumulate_grad_batches);
    const auto problem = batch_norm_problem(module, trainer.datamodule().spec(),
        {loaders.front()->dataset().size(), options.batch_size, options.drop_last}, used);
    if (!problem.empty())
        throw MisconfigurationError("train_dataloader: " + problem);
}

/// As the states say that the callbacks took from a checkpoint, by the patience of this run.
bool early_stopping_holds(const Trainer& trainer)
{
    return std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get());
            return stopping && stopping->holds_verdict();
        });
}

bool has_patience_again(const Trainer& trainer)
{
    return std::any_of(
        trainer.callbacks().begin(), trainer.callbacks().end(), [](const auto& callback) {
            const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get());
            return stopping && stopping->stopping_reason() != EarlyStoppingReason::NotStopped
                && !stopping->holds_verdict();
        });
}

} // namespace

FitLoop::FitLoop(Trainer& trainer)
    : epoch_loop(trainer, *this)
    , speed(trainer.clock())
    , trainer_(trainer)
    , steering_(std::make_unique<RunSteering>(trainer))
{
}

FitLoop::~FitLoop() = default;

void FitLoop::tell_end(const std::string& why)
{
    trainer_.message(MessageEvent::Level::Info, "fit ended: " + why);
}

bool FitLoop::can_stop_early() const
{
    const auto& plan = trainer_.plan();
    const bool met_epochs
        = plan.min_epochs == 0 || epoch_progress.current.processed >= plan.min_epochs;
    const bool met_steps = plan.min_steps == 0 || trainer_.global_step() >= plan.min_steps;
    return met_epochs && met_steps;
}

bool FitLoop::wants_to_stop()
{
    if (pending_stops > 0 && can_stop_early()) // the verdict at the minimum counts
        trainer_.should_stop = true;
    return trainer_.should_stop || pending_stops > 0;
}

std::optional<std::string> FitLoop::why_done()
{
    const auto& plan = trainer_.plan();
    if (max_batches == 0)
        return "no training batches";
    if (plan.max_steps != -1 && trainer_.global_step() >= plan.max_steps)
        return fmt::format("max_steps = {} reached", plan.max_steps);
    if (plan.live.max_epochs != -1 && epoch_progress.current.processed >= plan.live.max_epochs)
        return fmt::format("max_epochs = {} reached", plan.live.max_epochs);
    if (steering_->leaves_run())
        return "stopped by hand";
    if (wants_to_stop() && can_stop_early())
        return why_it_should_stop(trainer_);
    return {};
}

bool FitLoop::done()
{
    const auto why = why_done();
    if (!why)
        return false;
    const auto max_epochs = trainer_.plan().live.max_epochs;
    if (max_epochs != -1 && epoch_progress.current.processed >= max_epochs)
        epoch_progress.current.completed = epoch_progress.current.processed;
    tell_end(*why);
    return true;
}

/// The epoch's row was not written when the checkpoint was. An epoch that was cut off goes on where
/// it was cut, unless the run still has to end there.
LoopPhase FitLoop::resume_at_epoch_end()
{
    const bool was_cut = !epoch_loop.is_last_batch && !epoch_loop.stream_ended
        && iterator_position_.is_dict() && epoch_loop.batch_progress.current.ready < max_batches;
    if (was_cut) {
        --epoch_progress.total.processed;
        --epoch_progress.current.processed;
        if (!why_done()) {
            pending_loop_iter_ = int(LogConnector::LoopIter::Later);
            return LoopPhase::BatchDone;
        }
        epoch_progress.increment_processed();
    }
    set_results_state();
    finish_epoch_tail(writes_open_rows());
    return LoopPhase::Start;
}

/// Rows that the run before had still to write; in a folder of its own this run begins with the
/// next ones.
bool FitLoop::writes_open_rows() const
{
    return trainer_.resumes_in_place_;
}

bool FitLoop::should_reload() const
{
    const auto every = trainer_.plan().reload_dataloaders_every_n_epochs;
    return every > 0 && trainer_.current_epoch() - loaded_in_epoch_ >= every;
}

void FitLoop::setup_data()
{
    if (loader_ && !should_reload())
        return;
    auto& trainer = trainer_;
    if (trainer.plan().limit_train_batches.is_zero()) {
        max_batches = 0;
        return;
    }
    const auto loaders = call_loaders(trainer, Hook::TrainDataloader,
        &LightningDataModule::train_dataloader, &LightningModule::train_dataloader);
    if (loaders.empty() || !loaders.front())
        throw MisconfigurationError("fit needs a train_dataloader, and there is none; override it");
    loader_ = CombinedLoader::of(loaders, CombinedMode::MaxSizeCycle);
    if (loader_->mode() == CombinedMode::Sequential)
        throw MisconfigurationError(
            "train_dataloader: fit takes no combined loader of mode sequential; choose min_size, "
            "max_size or max_size_cycle");
    if (trainer.plan().is_overfitting && loader_->shuffles()) {
        trainer.warn("overfit_batches: the training data is not shuffled");
        loader_.emplace(loader_->in_order());
    }
    std::vector<int64_t> limits;
    is_stream = std::any_of(loader_->loaders().begin(), loader_->loaders().end(),
        [](const auto& loader) { return loader->size() == unknown_size; });
    for (const auto& loader : loader_->loaders())
        limits.push_back(trainer.plan().limit_train_batches.resolve(loader->size(),
            trainer.plan().is_overfitting ? "overfit_batches" : "limit_train_batches"));
    max_batches = loader_->size(limits);
    if (max_batches == 0) {
        trainer.warn("there is no training batch, so nothing is trained: lower batch_size, or set "
                     "drop_last = false");
        return;
    }
    loaded_in_epoch_ = trainer.current_epoch();

    const auto& interval = trainer.plan().val_check_interval;
    if (interval.kind == ValidationInterval::Kind::Batches) {
        val_check_batch = interval.batches;
        if (val_check_batch > max_batches && trainer.plan().check_val_every_n_epoch
            && has_validation())
            throw MisconfigurationError(fmt::format(
                "val_check_interval = {}: an epoch has only {} training batches; lower it, set "
                "limit_val_batches = 0 "
                "to validate never, or check_val_every_n_epoch = null to count across epochs",
                val_check_batch, max_batches));
    } else if (interval.kind == ValidationInterval::Kind::Fraction && max_batches == unknown_size) {
        if (interval.fraction != 1.0)
            throw MisconfigurationError(fmt::format(
                "val_check_interval = {}: with an IterableDataset as training data, whose length "
                "is "
                "not known, it must be 1.0 (validate at the end of the epoch), a whole number k "
                "(validate every k training batches) or a time",
                interval.fraction));
        val_check_batch = unknown_size;
    } else if (interval.kind == ValidationInterval::Kind::Fraction) {
        val_check_batch = std::max<int64_t>(1, int64_t(double(max_batches) * interval.fraction));
    }
    last_validation = trainer.clock().monotonic();
    if (!trainer.loggers().empty() && trainer.plan().fast_dev_run == 0
        && max_batches < trainer.plan().live.log_every_n_steps)
        trainer.warn(fmt::format("an epoch has {} training batches, fewer than log_every_n_steps = "
                                 "{}: lower it to see every epoch's training rows",
            max_batches, trainer.plan().live.log_every_n_steps));
}

bool FitLoop::has_validation()
{
    if (!trainer_.enable_validation())
        return false;
    auto& loop = epoch_loop.val_loop;
    if (!loop.is_set_up())
        loop.setup_data();
    return loop.max_batches() > 0;
}

void FitLoop::run()
{
    auto& trainer = trainer_;
    auto phase = resume_phase;
    resume_phase = LoopPhase::Start;
    cut_position_ = {};
    setup_data();
    if (const auto epoch = std::exchange(pending_loaded_in_epoch_, {}))
        loaded_in_epoch_ = *epoch; // the next reload comes where it would have come
    if (loader_ && max_batches > 0)
        check_last_batch(trainer, loader_->loaders(), max_batches);
    trainer.connector().set_results(&epoch_loop.results);
    speed.begin(batches_done());
    if (pending_callback_metrics_.is_dict()) // after the sanity check, which clears them
        trainer.connector().restore_callback_metrics(pending_callback_metrics_);
    pending_callback_metrics_ = {};
    if (phase == LoopPhase::EpochEnd)
        phase = resume_at_epoch_end();
    bool has_open_epoch = phase != LoopPhase::Start && loader_ && max_batches > 0;
    const auto max_epochs = trainer.plan().live.max_epochs;
    if (max_epochs != -1 && epoch_progress.current.processed >= max_epochs)
        has_open_epoch = false; // max_epochs was lowered
    if (has_open_epoch)
        trainer.phase = phase; // also for a checkpoint before the next batch is done
    const bool goes_on = epoch_progress.total.ready > 0 && !trainer.resumed_from().empty();
    if (loader_ && max_batches > 0 && !has_open_epoch && !goes_on)
        epoch_loop.start_iterator(); // Lightning makes one in its set-up, of a later fit too
    // With every batch of the last epoch done, only its end is still to come.
    if (!has_open_epoch && (done() || trainer.plan().limit_train_batches.is_zero())) {
        if (!trainer.resumed_from().empty()) // for run.json: how far it is
            steering_->tell_progress(
                StageKind::Idle, epoch_loop.batch_progress.current.completed, max_batches);
        return;
    }
    if (std::exchange(was_stopped_early_, false))
        trainer.message(MessageEvent::Level::Info,
            fmt::format("EarlyStopping had ended the run of this checkpoint; it goes on until its "
                        "next check. To train no more, set max_epochs = {}",
                epoch_progress.current.processed));
    if (loader_ && has_open_epoch && iterator_position_.is_dict())
        epoch_loop.resume_iterator(position_after(
            iterator_position_, epoch_loop.batch_progress.current.ready, loader_->mode()));

    epoch_progress.current.completed = epoch_progress.current.processed;
    if (epoch_loop.should_check_val_epoch() && !epoch_loop.val_loop.is_set_up())
        epoch_loop.val_loop.setup_data();
    if (!is_trial)
        check_before_training(trainer);
    trainer.state_.stage = RunningStage::Training;
    steering_->begin(has_open_epoch);
    call_both(
        trainer, Hook::OnTrainStart, &Callback::on_train_start, &LightningModule::on_train_start);
    trainer.connector().set_results(&epoch_loop.results);

    bool is_first = true;
    while ((is_first && has_open_epoch) || !done()) {
        const auto resumed = is_first ? phase : LoopPhase::Start;
        is_first = false;
        if (resumed == LoopPhase::Start)
            start_epoch();
        else
            set_results_state();
        {
            const ProfileScope profile(trainer.profiler(), "run_training_epoch");
            epoch_loop.run(resumed);
        }
        if (steering_->leaves_epoch())
            break;
        finish_epoch();
        steering_->after_epoch();
    }
    speed.end();
    trainer.wait_for_checkpoints(); // for hooks that read them
    call_both(trainer, Hook::OnTrainEnd, &Callback::on_train_end, &LightningModule::on_train_end);
    trainer.state_.stage = RunningStage::None; // nothing is trained any more: says what came too
                                               // late
    steering_->after_epoch();
    trainer.state_.stage = RunningStage::Training;
    epoch_loop.iterator.reset(); // not before: a checkpoint inside an epoch holds its position
    steering_->tell_progress(steering_->leaves_epoch() ? StageKind::Training : StageKind::Idle,
        epoch_loop.batch_progress.current.completed, max_batches);
}

int64_t FitLoop::batches_done() const
{
    return epoch_loop.batch_progress.total.completed;
}

void FitLoop::start_epoch()
{
    trainer_.phase = LoopPhase::Start;
    cut_position_ = {};
    if (should_reload()) {
        epoch_loop.iterator.reset();
        setup_data();
        if (max_batches > 0)
            epoch_loop.start_iterator(); // and again below, as Lightning does: each draws a base
                                         // seed
    }
    epoch_progress.increment_ready();
    call_both(trainer_, Hook::OnTrainEpochStart, &Callback::on_train_epoch_start,
        &LightningModule::on_train_epoch_start);
    epoch_progress.increment_started();
    // Lightning: the first epoch's iterator was made before on_train_start, later ones are made
    //            here.
    if (trainer_.current_epoch() > 0)
        epoch_loop.iterator.reset();
}

void FitLoop::finish_epoch()
{
    auto& trainer = trainer_;
    trainer.connector().epoch_end_reached();
    epoch_progress.increment_processed();
    trainer.phase = LoopPhase::EpochEnd;
    if (!epoch_loop.num_ready_batches_reached() && !epoch_loop.stream_ended) {
        cut_position_ = position().deep_copy();
        rows_at_cut_ = trainer.rows_logged_;
    }
    const auto on_callback
        = [&](Callback& c) { c.on_train_epoch_end(trainer, trainer.lightning_module()); };
    call_callbacks(trainer, Hook::OnTrainEpochEnd, on_callback, {}, Audience::Ordinary);
    call_module(trainer, Hook::OnTrainEpochEnd, [](LightningModule& m) { m.on_train_epoch_end(); });
    call_callbacks(trainer, Hook::OnTrainEpochEnd, on_callback, {}, Audience::Monitoring);
    finish_epoch_tail();
}

void FitLoop::finish_epoch_tail(bool writes_row)
{
    auto& trainer = trainer_;
    trainer.connector().on_epoch_end();
    if (epoch_loop.num_ready_batches_reached())
        epoch_loop.update_lr_schedulers("epoch", true);
    // Rows of an epoch's end have the x of its last batch.
    --epoch_loop.batches_that_stepped;
    auto row = trainer.connector().collect();
    if (writes_row)
        trainer.log_row(std::move(row), true);
    trainer.connector().reset_results();
    ++epoch_loop.batches_that_stepped;
    epoch_progress.increment_completed();
    trainer.phase = LoopPhase::Start;
}

StateTree FitLoop::state_dict() const
{
    auto state = StateTree::dict();
    const auto& loop = epoch_loop;
    auto batches = loop.batch_progress.state_dict();
    batches.set("is_last_batch", loop.is_last_batch);
    auto val_batches = loop.val_loop.batch_progress.state_dict();
    val_batches.set("is_last_batch", loop.val_loop.is_last_batch);
    state.set("state_dict", StateTree::dict());
    state.set("epoch_loop.state_dict",
        StateTree::dict({{"_batches_that_stepped", loop.batches_that_stepped}}));
    state.set("epoch_loop.batch_progress", std::move(batches));
    state.set("epoch_loop.scheduler_progress",
        loop.scheduler_progress.state_dict(ProgressKind::ReadyCompleted));
    state.set("epoch_loop.automatic_optimization.state_dict", StateTree::dict());
    state.set("epoch_loop.automatic_optimization.optim_progress",
        loop.automatic_optimization.state_dict());
    state.set("epoch_loop.manual_optimization.state_dict", StateTree::dict());
    state.set("epoch_loop.manual_optimization.optim_step_progress",
        loop.manual_optimization.step_progress.state_dict(ProgressKind::ReadyCompleted));
    state.set("epoch_loop.val_loop.state_dict", StateTree::dict());
    state.set("epoch_loop.val_loop.batch_progress", std::move(val_batches));
    state.set("epoch_progress", epoch_progress.state_dict());
    return state;
}

void FitLoop::load_state_dict(const StateTree& state)
{
    auto& loop = epoch_loop;
    loop.batches_that_stepped
        = state.at("epoch_loop.state_dict").at("_batches_that_stepped").to_int();
    loop.batch_progress.load_state_dict(state.at("epoch_loop.batch_progress"));
    loop.is_last_batch = state.at("epoch_loop.batch_progress").at("is_last_batch").to_bool();
    loop.scheduler_progress.load_state_dict(state.at("epoch_loop.scheduler_progress"));
    loop.automatic_optimization.load_state_dict(
        state.at("epoch_loop.automatic_optimization.optim_progress"));
    loop.manual_optimization.step_progress.load_state_dict(
        state.at("epoch_loop.manual_optimization.optim_step_progress"));
    loop.val_loop.batch_progress.load_state_dict(state.at("epoch_loop.val_loop.batch_progress"));
    loop.val_loop.is_last_batch
        = state.at("epoch_loop.val_loop.batch_progress").at("is_last_batch").to_bool();
    epoch_progress.load_state_dict(state.at("epoch_progress"));
}

int64_t FitLoop::rows_logged() const
{
    const bool is_cut = trainer_.phase == LoopPhase::Start && cut_position_.is_dict();
    return is_cut ? rows_at_cut_ : trainer_.rows_logged_;
}

StateTree FitLoop::position() const
{
    if (trainer_.phase == LoopPhase::Start && cut_position_.is_dict())
        return cut_position_; // after the end of an epoch that was cut off
    auto state = StateTree::dict({{"phase", to_string(trainer_.phase)}});
    if (epoch_loop.iterator)
        state.set("loader", epoch_loop.iterator->state_dict());
    state.set(
        "results", pending_results_.is_list() ? pending_results_ : epoch_loop.results.state_dict());
    const auto* active = trainer_.connector().results();
    // Inside a validation the connector's place is that of the validation; training's is a later
    // batch.
    const auto loop_iter = pending_results_.is_list() ? int64_t(pending_loop_iter_)
        : active == &epoch_loop.results               ? int64_t(trainer_.connector().loop_iter())
                                                      : int64_t(LogConnector::LoopIter::Later);
    state.set("loop_iter", loop_iter);
    state.set("should_stop", trainer_.should_stop);
    state.set("loaded_in_epoch", loaded_in_epoch_);
    if (epoch_loop.stream_ended)
        state.set("stream_ended", true);
    state.set("callback_metrics", trainer_.connector().callback_metrics().state_dict());
    return state;
}

void FitLoop::load_position(const StateTree& state)
{
    const auto phase = loop_phase_from(state.at("phase").to_string());
    resume_phase = phase;
    cut_position_ = {};
    iterator_position_ = {};
    if (const auto* loader = state.find("loader"))
        iterator_position_ = *loader;
    pending_results_ = state.at("results");
    pending_loop_iter_ = int(state.at("loop_iter").to_int());
    pending_loaded_in_epoch_ = {};
    if (const auto* epoch = state.find("loaded_in_epoch"))
        pending_loaded_in_epoch_ = epoch->to_int();
    epoch_loop.stream_ended = state.contains("stream_ended");
    if (resume_phase == LoopPhase::EpochEnd) {
        for (auto* counts : {&epoch_progress.total, &epoch_progress.current})
            counts->completed = counts->processed - 1; // also where it was taken at the run's end
    } else {
        reset_unfinished();
    }
    // A run that ended by it may be taken up again, and its callbacks decide anew: EarlyStopping by
    // its state, at an epoch's end at its next check. One that was asked to stop below its minima,
    // or was interrupted when it was to end, still is. What the new run's callbacks asked for
    // stays.
    const bool was_interrupted
        = phase == LoopPhase::BatchDone || phase == LoopPhase::BeforeValidation;
    const bool was_stopped = state.at("should_stop").to_bool();
    const bool holds = early_stopping_holds(trainer_);
    const bool still_ends = phase != LoopPhase::EpochEnd
        && (holds || (was_interrupted && !has_patience_again(trainer_)));
    if (was_stopped && (still_ends || !can_stop_early()))
        trainer_.should_stop = true;
    was_stopped_early_ = was_stopped && !trainer_.should_stop && holds;
    if (const auto* metrics = state.find("callback_metrics"))
        pending_callback_metrics_ = *metrics;
}

void FitLoop::reset_unfinished()
{
    if (resume_phase != LoopPhase::Start && resume_phase != LoopPhase::BatchDone)
        return;
    const auto& epochs = epoch_progress.current;
    auto& batches = epoch_loop.batch_progress;
    if (epochs.ready > epochs.started) { // in on_train_epoch_start: the epoch begins once more
        epoch_progress.reset_to_completed();
        resume_phase = LoopPhase::Start;
        return;
    }
    if (epochs.started == epochs.processed)
        return;
    if (batches.current.processed > batches.current.completed) { // the optimizer has stepped
        resume_phase = LoopPhase::BatchEnd;
        return;
    }
    if (resume_phase == LoopPhase::Start) // before its first batch was done
        batches.reset_on_run();
    else if (batches.current.ready == batches.current.completed)
        return;
    resume_phase = LoopPhase::BatchDone;
    batches.reset_to_completed();
    epoch_loop.scheduler_progress.reset_to_completed();
    epoch_loop.automatic_optimization.step_progress.reset_to_completed();
    epoch_loop.automatic_optimization.zero_grad_progress.reset_to_completed();
    epoch_loop.manual_optimization.step_progress.reset_to_completed();
    epoch_loop.is_last_batch = false;
}

void FitLoop::derive_position()
{
    // Lightning's counts: an epoch's end has every count equal but "completed" of the epoch.
    const auto& epochs = epoch_progress.current;
    const bool at_epoch_end
        = epochs.processed == epochs.ready && epochs.completed == epochs.processed - 1;
    if (at_epoch_end)
        epoch_progress.increment_completed();
    else if (epochs.processed < epochs.ready)
        throw CheckpointError(
            "this checkpoint was taken by Lightning in the middle of an epoch, and does not say "
            "where in the data; resume from one taken at an epoch's end");
    resume_phase = LoopPhase::Start;
}

void FitLoop::set_results_state()
{
    epoch_loop.results.reset();
    if (pending_results_.is_list())
        epoch_loop.results.load_state_dict(
            pending_results_, trainer_.lightning_module().registered_metrics());
    trainer_.connector().set_loop_iter(LogConnector::LoopIter(pending_loop_iter_));
    pending_results_ = {};
}

void FitLoop::release()
{
    epoch_loop.iterator.reset();
    epoch_loop.batch = {};
    loader_.reset();
    epoch_loop.results.slots().clear(); // they point to metrics of the module
    epoch_loop.val_loop.release();
}

} // namespace leyden
