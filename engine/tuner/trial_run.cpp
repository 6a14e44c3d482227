// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/trial_run.h"

#include "engine/callbacks/callback.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "engine/loggers/logger.h"
#include "engine/loops/evaluation_loop.h"
#include "engine/loops/fit_loop.h"
#include "engine/loops/prediction_loop.h"
#include "engine/trainer/checkpoint_connector.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/trace.h"
#include "engine/trainer/trainer.h"

#include <utility>

#include <csignal>

namespace leyden {
namespace {

/// Ends a trial when the program is told to end. Commands wait for the run.
class InterruptWatch final : public Callback
{
public:
    explicit InterruptWatch(const RunControl* control) : control_(control) { }
    std::string name() const override { return "InterruptWatch"; }
    void on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t) override
    {
        check();
    }
    void on_validation_batch_start(
        Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override
    {
        check();
    }
    void on_test_batch_start(Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override
    {
        check();
    }
    void on_predict_batch_start(Trainer&, LightningModule&, const Batch&, int64_t, int64_t) override
    {
        check();
    }

private:
    void check() const
    {
        const int signal = control_ ? control_->interrupted_by() : 0;
        if (signal != 0 && signal != SIGUSR1) // that one waits for the training
            throw RunInterrupted(signal);
    }
    const RunControl* control_;
};

} // namespace

TrialRun::TrialRun(Trainer& trainer)
    : trainer_(trainer)
    , modes_(trainer.lightning_module())
    , fits_(trainer.state().fn == TrainerFn::Fit)
    , plan_(trainer.plan_)
    , state_(trainer.state_)
    , phase_(trainer.phase)
{
    if (fits_) {
        // Tensors of the state share the parameters' memory, which the trials change.
        checkpoint_ = CheckpointConnector(trainer).dump(/*weights_only=*/false).deep_copy();
        loop_ = trainer.fit_loop().state_dict();
    }
    metrics_ = trainer.callback_metrics().state_dict();
    results_ = trainer.connector_.results();
    schedulers_ = trainer.schedulers_;
    callbacks_ = std::exchange(trainer.callbacks_, {});
    loggers_ = std::exchange(trainer.loggers_, {});
    control_ = std::exchange(trainer.control_, nullptr);
    observer_ = std::exchange(trainer.observer_, nullptr);
    if (trainer.trace_)
        trainer.trace_->leave_out_callbacks(true);
}

TrialRun::~TrialRun()
{
    try {
        restore();
    } catch (const std::exception& error) { // on the way out of a trial that failed
        trainer_.warn(std::string("after a trial of the tuner: ") + error.what());
    } catch (...) { // a user's hook may throw anything
        trainer_.warn("after a trial of the tuner: an error of an unknown kind");
    }
}

void TrialRun::reset_loop()
{
    trainer_.fit_loop().release();
    trainer_.fit_loop().load_state_dict(loop_);
    trainer_.should_stop = false;
    trainer_.connector_.reset_metrics();
}

void TrialRun::fit(int64_t max_steps, int64_t limit_val_batches, std::unique_ptr<Callback> watcher)
{
    reset_loop();
    trainer_.callbacks_.clear();
    trainer_.callbacks_.push_back(std::make_unique<InterruptWatch>(control_));
    trainer_.callbacks_.push_back(std::move(watcher));
    trainer_.plan_.max_steps = max_steps;
    trainer_.plan_.limit_val_batches
        = {.is_fraction = false, .fraction = 0.0, .count = limit_val_batches};
    trainer_.state_.stage = RunningStage::Training;
    trainer_.fit_loop().is_trial = true;
    trainer_.fit_loop().run();
}

void TrialRun::train(std::unique_ptr<Callback> watcher)
{
    auto& plan = trainer_.plan_;
    plan.limit_train_batches = {};
    plan.live.max_epochs = -1;
    plan.max_time.reset();
    plan.min_epochs = plan.min_steps = 0;
    fit(-1, 0, std::move(watcher));
}

void TrialRun::steps(int64_t batches)
{
    const BatchLimit limit{.is_fraction = false, .fraction = 0.0, .count = batches};
    auto& plan = trainer_.plan_;
    if (fits_) {
        plan.limit_train_batches = {};
        fit(batches, batches, std::make_unique<InterruptWatch>(nullptr));
        return;
    }
    trainer_.callbacks_.clear();
    trainer_.callbacks_.push_back(std::make_unique<InterruptWatch>(control_));
    switch (state_.fn) {
    case TrainerFn::Fit:
        break;
    case TrainerFn::Validate:
        plan.limit_val_batches = limit;
        trainer_.validate_loop_->run();
        break;
    case TrainerFn::Test:
        plan.limit_test_batches = limit;
        trainer_.test_loop_->run();
        break;
    case TrainerFn::Predict:
        plan.limit_predict_batches = limit;
        trainer_.predict_loop_->run();
        break;
    }
}

void TrialRun::reload_data()
{
    switch (state_.fn) {
    case TrainerFn::Fit:
        trainer_.fit_loop().release();
        trainer_.fit_loop().setup_data();
        break;
    case TrainerFn::Validate:
        trainer_.validate_loop_->setup_data();
        break;
    case TrainerFn::Test:
        trainer_.test_loop_->setup_data();
        break;
    case TrainerFn::Predict:
        trainer_.predict_loop_->setup_data();
        break;
    }
}

int64_t TrialRun::dataset_length() const
{
    const auto first = [](const std::vector<CombinedLoader>& passes) {
        return passes.empty() ? int64_t(0) : passes.front().rows();
    };
    switch (state_.fn) {
    case TrainerFn::Fit:
        trainer_.fit_loop().setup_data();
        return trainer_.fit_loop().loader().rows();
    case TrainerFn::Validate:
        return first(trainer_.validate_loop_->passes());
    case TrainerFn::Test:
        return first(trainer_.test_loop_->passes());
    case TrainerFn::Predict:
        return trainer_.predict_loop_->loaders().empty()
            ? 0
            : trainer_.predict_loop_->loaders().front()->dataset().size();
    }
    return 0;
}

void TrialRun::restore()
{
    if (std::exchange(is_restored_, true))
        return;
    auto& trainer = trainer_;
    trainer.fit_loop().is_trial = false;
    trainer.fit_loop().release(); // its callbacks, loaders and pending values are the trial's
    trainer.callbacks_ = std::move(callbacks_);
    trainer.loggers_ = std::move(loggers_);
    trainer.control_ = control_;
    trainer.observer_ = observer_;
    trainer.schedulers_ = std::move(schedulers_);
    trainer.plan_ = plan_;
    trainer.state_ = state_;
    trainer.should_stop = false;
    if (trainer.trace_)
        trainer.trace_->leave_out_callbacks(false);
    if (fits_) {
        trainer.fit_loop().load_state_dict(loop_); // the counters, before any hook looks at them
        CheckpointConnector connector(trainer);
        connector.take(std::move(checkpoint_));
        connector.restore_modules_and_callbacks();
        connector.restore_training_state();
        connector.restore_random_state(); // position and rows are those of a run that has not begun
        for (auto& parameter : trainer.lightning_module().parameters())
            parameter.mutable_grad().reset();
        trainer.fit_loop().setup_data();
    } else {
        trainer.validate_loop_->batch_progress.reset_on_run();
        trainer.test_loop_->batch_progress.reset_on_run();
        trainer.predict_loop_->batch_progress.reset_on_run();
        reload_data();
    }
    modes_.restore();
    trainer.phase = phase_;
    trainer.connector_.set_results(results_);
    trainer.connector_.reset_metrics();
    trainer.connector_.restore_callback_metrics(metrics_);
}

std::unique_ptr<Callback> TrialRun::run_with(
    Trainer& trainer, std::unique_ptr<Callback> callback, const std::function<void()>& run)
{
    const auto* key = callback.get();
    trainer.callbacks_.insert(trainer.callbacks_.begin(), std::move(callback));
    const auto take_out = [&] {
        std::unique_ptr<Callback> found;
        for (auto it = trainer.callbacks_.begin(); it != trainer.callbacks_.end(); ++it) {
            if (it->get() == key) {
                found = std::move(*it);
                trainer.callbacks_.erase(it);
                break;
            }
        }
        return found;
    };
    try {
        run();
    } catch (...) {
        take_out();
        throw;
    }
    return take_out();
}

} // namespace leyden
