// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/fit_loop.h"

#include "engine/callbacks/early_stopping.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/call.h"
#include "engine/trainer/run_checks.h"
#include "engine/trainer/run_steering.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace leyden {
namespace {

/// A hand's stop is told otherwise: here a callback or the module set should_stop.
std::string why_it_should_stop(const Trainer& trainer)
{
    for (const auto& callback : trainer.callbacks()) {
        const auto* stopping = dynamic_cast<const EarlyStopping*>(callback.get());
        if (stopping && stopping->has_asked_for_stop())
            return "EarlyStopping stopped it";
    }
    return "a callback or the module set should_stop";
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

bool FitLoop::done()
{
    const auto& plan = trainer_.plan();
    if (max_batches == 0) {
        tell_end("no training batches");
        return true;
    }
    if (plan.max_steps != -1 && trainer_.global_step() >= plan.max_steps) {
        tell_end(fmt::format("max_steps = {} reached", plan.max_steps));
        return true;
    }
    if (plan.live.max_epochs != -1 && epoch_progress.current.processed >= plan.live.max_epochs) {
        epoch_progress.current.completed = epoch_progress.current.processed;
        tell_end(fmt::format("max_epochs = {} reached", plan.live.max_epochs));
        return true;
    }
    if (steering_->leaves_run()) {
        tell_end("stopped by hand");
        return true;
    }
    if (trainer_.should_stop && can_stop_early()) {
        tell_end(why_it_should_stop(trainer_));
        return true;
    }
    return false;
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
    setup_data();
    trainer.connector().set_results(&epoch_loop.results);
    speed.begin(batches_done());
    if (pending_callback_metrics_.is_dict()) // after the sanity check, which clears them
        trainer.connector().restore_callback_metrics(pending_callback_metrics_);
    pending_callback_metrics_ = {};
    if (phase == LoopPhase::EpochEnd) { // the epoch's row was not written when the checkpoint was
        set_results_state();
        finish_epoch_tail();
        phase = LoopPhase::Start;
    }
    const bool has_open_epoch = phase != LoopPhase::Start;
    // With every batch of the last epoch done, only its end is still to come.
    if (!has_open_epoch && (done() || trainer.plan().limit_train_batches.is_zero()))
        return;
    if (loader_) {
        if (has_open_epoch)
            epoch_loop.resume_iterator(iterator_position_);
        else if (epoch_progress.total.ready == 0)
            epoch_loop.start_iterator(); // Lightning makes the first epoch's in its set-up
    }

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
    const auto on_callback
        = [&](Callback& c) { c.on_train_epoch_end(trainer, trainer.lightning_module()); };
    call_callbacks(trainer, Hook::OnTrainEpochEnd, on_callback, {}, Audience::Ordinary);
    call_module(trainer, Hook::OnTrainEpochEnd, [](LightningModule& m) { m.on_train_epoch_end(); });
    call_callbacks(trainer, Hook::OnTrainEpochEnd, on_callback, {}, Audience::Monitoring);
    finish_epoch_tail();
}

void FitLoop::finish_epoch_tail()
{
    auto& trainer = trainer_;
    trainer.connector().on_epoch_end();
    if (epoch_loop.num_ready_batches_reached())
        epoch_loop.update_lr_schedulers("epoch", true);
    // Rows of an epoch's end have the x of its last batch.
    --epoch_loop.batches_that_stepped;
    trainer.log_row(trainer.connector().collect(), true);
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

StateTree FitLoop::position() const
{
    auto state = StateTree::dict({{"phase", to_string(trainer_.phase)}});
    if (epoch_loop.iterator)
        state.set("loader", epoch_loop.iterator->state_dict());
    state.set("results", epoch_loop.results.state_dict());
    const auto* active = trainer_.connector().results();
    // Inside a validation the connector's place is that of the validation; training's is a later
    // batch.
    const auto loop_iter = active == &epoch_loop.results ? int64_t(trainer_.connector().loop_iter())
                                                         : int64_t(LogConnector::LoopIter::Later);
    state.set("loop_iter", loop_iter);
    state.set("should_stop", trainer_.should_stop);
    state.set("callback_metrics", trainer_.connector().callback_metrics().state_dict());
    return state;
}

void FitLoop::load_position(const StateTree& state)
{
    resume_phase = loop_phase_from(state.at("phase").to_string());
    if (const auto* loader = state.find("loader"))
        iterator_position_ = *loader;
    pending_results_ = state.at("results");
    pending_loop_iter_ = int(state.at("loop_iter").to_int());
    // A run that ended by it may be taken up again, and its callbacks decide anew; one that was
    // asked to stop below its minima still is.
    trainer_.should_stop = state.at("should_stop").to_bool()
        && (resume_phase != LoopPhase::EpochEnd || !can_stop_early());
    if (const auto* metrics = state.find("callback_metrics"))
        pending_callback_metrics_ = *metrics;
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
