// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generators.h"
#include "engine/core/state_tree.h"
#include "engine/loops/module_mode.h"
#include "engine/trainer/states.h"
#include "engine/trainer/trainer_plan.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace leyden {

class Callback;
class Logger;
class ResultCollection;
class RunControl;
class RunObserver;
class Trainer;
struct LRSchedulerConfig;

/// Trainings and evaluations beside a run that has not begun: ahead of on_fit_start, or of the
/// start hook of an evaluation. Meanwhile the Trainer has no callbacks, loggers and observer of its
/// own, and what a person asks for waits, but for an interruption. At the end everything is as it
/// was: weights, optimizers, schedulers, callbacks' states, counters, metrics, modes, every random
/// generator; the loaders are asked for again, for a new batch size.
///
/// Hooks: on_save_checkpoint at the beginning and on_load_checkpoint at the end of a fit's trials,
///        on the module and on all callbacks, and the module's own of the trials.
/// State: held in memory, nothing is written.
class LEYDEN_API TrialRun
{
public:
    explicit TrialRun(Trainer& trainer);
    ~TrialRun(); ///< restores, where restore() was not called; what fails then is a warning
    TrialRun(const TrialRun&) = delete;
    TrialRun& operator=(const TrialRun&) = delete;

    /// Trains from the present weights until max_steps; `watcher` is the only callback.
    void fit(int64_t max_steps, int64_t limit_val_batches, std::unique_ptr<Callback> watcher);
    /// Trains from the present weights, without validation or limits, until `watcher`, the only
    /// callback, sets should_stop.
    void train(std::unique_ptr<Callback> watcher);
    /// `batches` batches of the run's own verb: a fit of as many steps, or an evaluation.
    void steps(int64_t batches);
    /// Asks for the loaders again; the next trial has their new batch size.
    void reload_data();
    int64_t dataset_length() const; ///< rows of the loader that is tried
    void restore();

    /// Makes `callback` the first of the Trainer's, calls `run`, and takes it out again.
    static std::unique_ptr<Callback> run_with(
        Trainer& trainer, std::unique_ptr<Callback> callback, const std::function<void()>& run);

private:
    void reset_loop();

    Trainer& trainer_;
    GeneratorGuard generators_;
    ModuleMode modes_;
    bool fits_ = true;
    bool is_restored_ = false;
    TrainerPlan plan_;
    TrainerState state_;
    LoopPhase phase_;
    StateTree checkpoint_;
    StateTree loop_;
    StateTree metrics_;
    ResultCollection* results_ = nullptr; ///< that the loop around the trials logs to
    std::vector<std::unique_ptr<Callback>> callbacks_;
    std::vector<std::unique_ptr<Logger>> loggers_;
    std::vector<LRSchedulerConfig> schedulers_;
    RunControl* control_ = nullptr;
    RunObserver* observer_ = nullptr;
};

} // namespace leyden
