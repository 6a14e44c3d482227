// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/early_stopping_options.h"
#include "engine/callbacks/score.h"
#include "engine/core/export.h"

#include <cstdint>
#include <string>

namespace leyden {

/// Why EarlyStopping asked for the stop; the numbers stand in checkpoints.
enum class EarlyStoppingReason {
    NotStopped,
    StoppingThreshold,
    DivergenceThreshold,
    PatienceExhausted,
    NonFiniteMetric,
};

/// Stops a fit when a logged metric no longer improves.
///
/// Improves: Min `value < best - min_delta`, Max `value > best + min_delta`; equality does not.
/// Metric:   one number, any floating dtype and device; read as double, one sync per check.
/// Runs:     on the trainer's thread, after every validation run but the sanity check, or at the
///           end of every training epoch (check_on_train_epoch_end).
/// State:    Lightning's keys: wait_count, stopped_epoch, best_score, patience, stopping_reason,
///           stopping_reason_message.
/// Throws:   MisconfigurationError for bad options (constructor) or a metric nobody logged (first
///           check; the message lists the keys that exist; strict = false: a warning instead).
/// Source:   PyTorch Lightning 2.6, callbacks/early_stopping.py.
/// Differs:  a stop that is asked for before min_epochs and min_steps are reached is taken back by
///           a later check that would not ask for it: the verdict at the minimum counts. A resumed
///           run takes wait_count and the best score from the checkpoint, patience and thresholds
///           from its own options.
class LEYDEN_API EarlyStopping final : public Callback
{
public:
    /// What the message of a stop begins with, told right after the check's EarlyStoppingEvent; the
    /// reason follows.
    static constexpr const char* stop_prefix = "early stopping: ";

    explicit EarlyStopping(EarlyStoppingOptions options);

    std::string name() const override { return "EarlyStopping"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    std::string state_key() const override;
    bool is_monitoring() const override { return true; }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_end(Trainer& trainer, LightningModule& module) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    int64_t patience() const { return options_.patience; }
    void set_patience(int64_t patience) { options_.patience = patience; }
    int64_t wait_count() const { return wait_count_; }
    int64_t stopped_epoch() const { return stopped_epoch_; }
    double best_score() const { return best_score_.value; }
    EarlyStoppingReason stopping_reason() const { return reason_; }
    /// empty: not stopped
    const std::string& stopping_reason_message() const { return reason_text_; }
    /// in this run, not in one it goes on from
    bool has_asked_for_stop() const { return has_asked_for_stop_; }
    /// Whether the last verdict was a stop, and is one by this run's options too.
    bool holds_verdict() const;
    std::string how_to_train_on() const; ///< after such a verdict: which option to change

private:
    void check(Trainer& trainer);
    void ask_for_stop(Trainer& trainer);
    void take_stop_back(Trainer& trainer);
    EarlyStoppingReason evaluate(const Score& current);
    bool is_better(double a, double b) const;
    bool reaches_stopping_threshold(const Score& score) const;
    bool reaches_divergence_threshold(const Score& score) const;
    std::string threshold_text(const char* which, double current, double threshold) const;

    EarlyStoppingOptions options_;
    bool checks_on_train_epoch_end_ = false;
    Score best_score_;
    std::optional<Score> last_score_; ///< of the last check; none where it is not known
    int64_t wait_count_ = 0;
    int64_t stopped_epoch_ = 0;
    bool has_asked_for_stop_ = false;
    bool is_pending_ = false;  ///< asked for below the minima, and may be taken back
    bool was_pending_ = false; ///< in the checkpoint that the run goes on from
    EarlyStoppingReason reason_ = EarlyStoppingReason::NotStopped;
    std::string reason_text_;
};

} // namespace leyden
