// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_checkpoint_options.h"
#include "engine/callbacks/score.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/core/clock.h"
#include "engine/core/export.h"
#include "engine/trainer/run_observer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

struct TrainerPlan;

/// Saves checkpoints: the best k by a metric, the newest, or all.
///
/// Names:   a template with {metric} or {metric:format}; "-v1", "-v2" where the file exists.
/// Runs:    on_train_batch_end (steps, time), on_train_epoch_end or on_validation_end (epochs);
///          never in the sanity check, never twice at one global_step.
/// Writing: while training goes on. The state names a file when its save is scheduled, and forgets
///          it where the write fails; a file that it replaces goes once the new one is safe.
/// State:   Lightning's keys; the state key holds monitor, mode and triggers.
/// Differs: `last` always is the newest state: it is written whenever a save is due, also when the
///          monitored value was not among the best; save_last = "link" links to it where it is one
///          of the best, else `last` is a file of its own. A resumed run counts what was saved
///          before: at its end it writes no `last` that the run would not have written without the
///          stop. A "/" in the name of a metric is written "_", so that it makes no folder.
/// Throws:  MisconfigurationError for options that clash (constructor) or a metric that validation
///          did not log; FileError for a dirpath that cannot be written to (setup of a fit).
/// Source:  PyTorch Lightning 2.6, callbacks/model_checkpoint.py.
class LEYDEN_API ModelCheckpoint final : public Callback
{
public:
    explicit ModelCheckpoint(ModelCheckpointOptions options);

    std::string name() const override { return "ModelCheckpoint"; }
    std::optional<std::vector<std::string>> logged_names(const RunFacts&) const override
    {
        return no_names();
    }
    void check_run(const RunFacts& facts, RunProblems& problems) const override;
    std::string state_key() const override;
    bool is_checkpoint() const override { return true; }
    bool is_monitoring() const override { return true; }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t batch_idx) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_end(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_fit_end(Trainer& trainer, LightningModule& module) override;
    void on_exception(
        Trainer& trainer, LightningModule& module, const std::exception& error) override;
    StateTree state_dict() const override;
    void load_state_dict(const StateTree& state) override;
    StateTree resume_state() const override;
    void load_resume_state(const StateTree& state) override;

    const std::string& best_model_path() const { return kept_.best_model_path; }
    const std::string& last_model_path() const { return kept_.last_model_path; }
    std::optional<double> best_model_score() const
    {
        return kept_.best_model_score ? std::optional(kept_.best_model_score->value) : std::nullopt;
    }
    /// Where it saves; empty before the first run where the options do not say it.
    std::filesystem::path folder(const Trainer& trainer) const;
    const std::optional<std::string>& monitor() const { return options_.monitor; }
    MonitorMode mode() const { return options_.mode; }
    /// Whether its options let it write files of a run that goes well.
    bool can_save() const;
    /// In this fit, or in the run that it goes on from.
    bool has_saved() const { return has_saved_before_ || !kept_.last_checkpoint_saved.empty(); }

private:
    /// names and values for templates
    using Candidates = std::vector<std::pair<std::string, double>>;

    bool skips(Trainer& trainer) const;
    bool saves_on_train_epoch_end(Trainer& trainer) const;
    bool saves_on_train_epoch_end(const TrainerPlan& plan, bool has_validation) const;
    Candidates candidates(Trainer& trainer) const;
    std::string format_name(
        const Candidates& values, const std::string& pattern, int version) const;
    std::string free_name(Trainer& trainer, const Candidates& values, const std::string& pattern,
        const std::string& replaced) const;
    /// What is known of the files. Whoever schedules a save changes it at once.
    struct Kept
    {
        /// path, score; in order of saving
        std::vector<std::pair<std::string, Score>> best_k_models;
        std::string kth_best_model_path;
        Score kth_value;
        std::string best_model_path;
        std::optional<Score> best_model_score;
        std::optional<Score> current_score;
        std::string last_model_path;
        int64_t last_global_step_saved = 0; ///< nothing to save before the first step
        std::string last_checkpoint_saved;
    };
    /// A save of which it is not known yet whether it went well.
    struct Scheduled
    {
        int64_t id = 0;
        std::string file;
        bool is_last = false;
        bool is_link = false;
        Kept before;
        std::optional<std::pair<std::string, Score>> replaced; ///< of best_k_models
        size_t replaced_at = 0;
    };

    void save_due(Trainer& trainer);
    void save_top_k(Trainer& trainer, const Candidates& values);
    void save_best(Trainer& trainer, const Candidates& values, double current);
    void save_newest(Trainer& trainer, const Candidates& values);
    void save_last(Trainer& trainer, const Candidates& values);
    void add_job(
        Trainer& trainer, Scheduled scheduled, const std::string& replaces, std::string told = {});
    void schedule_jobs(Trainer& trainer);
    void ended(Trainer& trainer, int64_t id, CheckpointEvent event, const std::string& told,
        const CheckpointOutcome& outcome);
    void put_back(const Scheduled& failed);
    void undo(Kept& kept, const Scheduled& failed, bool is_newest) const;
    void rank(Kept& kept, const Kept& before) const;
    bool may_remove(const Trainer& trainer, const std::string& file) const;
    void finish_killed_save(Trainer& trainer);
    void bring_last_up_to_date(Trainer& trainer);
    std::string why_never_due(const RunFacts& facts) const;
    void remove_empty_folders(Trainer& trainer, std::filesystem::path folder) const;
    bool is_better(double a, double b) const;
    bool wants_last() const;
    bool links_last() const;

    ModelCheckpointOptions options_;
    int64_t every_n_train_steps_ = 0;
    int64_t every_n_epochs_ = 0;
    std::optional<Clock::Duration> train_time_interval_;
    std::filesystem::path dirpath_;
    std::string dirpath_before_; ///< of the run that this one goes on from, where it is another
    Kept kept_;
    std::vector<Scheduled> scheduled_; ///< the oldest first
    int64_t scheduled_count_ = 0;
    std::vector<CheckpointJob> jobs_;      ///< of the save that is put together
    std::vector<std::string> replacing_;   ///< what they replace
    bool is_last_due_ = false;             ///< `last` of that save comes after the file that is
                                           ///< dumped now
    std::vector<std::string> left_behind_; ///< what a killed save had still to remove
    bool is_last_left_ = false;            ///< `last` was not written by it any more
    bool has_saved_before_ = false;        ///< in the run that this one resumes
    std::optional<Clock::Duration> last_time_checked_;
    bool waits_for_validation_ = false;
};

} // namespace leyden
