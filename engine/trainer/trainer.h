// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/trainer_options.h"
#include "engine/core/clock.h"
#include "engine/core/data_module.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/loops/non_finite_watch.h"
#include "engine/optim/optimizer.h"
#include "engine/trainer/hook.h"
#include "engine/trainer/log_connector.h"
#include "engine/trainer/restore_parts.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_observer.h"
#include "engine/trainer/run_steering.h"
#include "engine/trainer/states.h"
#include "engine/trainer/trace.h"
#include "engine/trainer/trainer_plan.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class Callback;
class CheckpointWriter;
class EarlyStopping;
class EvaluationLoop;
class FitLoop;
class LightningModule;
class LightningOptimizer;
class Logger;
class LoggerQueue;
class LRScheduler;
class ModelCheckpoint;
class Optimizer;
class Precision;
class PredictionLoop;
class Profiler;
class ProgressBarCallback;
class RunPrinter;
class Strategy;
struct BackwardOptions;
struct CheckpointJob;
struct LRSchedulerConfig;

/// What a Trainer works with besides its options. All of it may be left out.
struct LEYDEN_API TrainerParts
{
    TrainerParts();
    ~TrainerParts();
    TrainerParts(TrainerParts&&) noexcept;
    TrainerParts& operator=(TrainerParts&&) noexcept;

    std::vector<std::unique_ptr<Callback>> callbacks;
    std::vector<std::unique_ptr<Logger>> loggers;
    std::unique_ptr<Precision> precision; ///< none: the one that the options name
    std::unique_ptr<Profiler> profiler;   ///< none: nothing is measured
    std::filesystem::path root;    ///< relative output paths lie below it; empty: the working
                                   ///< directory
    std::filesystem::path run_dir; ///< loggers write here instead of a new version folder
    RestoreParts restore;          ///< what a fit takes from its checkpoint
    bool resume_in_place = false;  ///< loggers go on with the files in run_dir
    std::filesystem::path trace_file;
    std::vector<ReplayedCommand> replay; ///< what a person did to an earlier run
    const Clock* clock = nullptr;        ///< the system's; must outlive the trainer, as all below
    FileSystem* files = nullptr;         ///< the local disks
    RunControl* control = nullptr;       ///< none: the run cannot be steered
    RunObserver* observer = nullptr;     ///< none: what the run tells is printed
    /// False: nothing is printed. Else, and without an observer, what Lightning prints: progress bar
    /// (enable_progress_bar), table of layers (enable_model_summary), messages and warnings on
    /// standard error, the results of validate and test on standard output.
    bool prints = true;
    /// SIGINT, SIGTERM and SIGHUP end a run after the running batch: checkpoints/on_exception.ckpt,
    /// on_exception, teardown; then the process exits with 130 or 143. A second one ends it at once.
    /// Signals that the program has handlers for, or ignores, stay its own. False: all of them.
    bool handles_signals = true;
};

/// A metric's values at the end of an evaluation, one list a data loader.
using EvaluationResults = std::vector<std::vector<std::pair<std::string, double>>>;

/// Trains, validates, tests and predicts: the loops around a LightningModule, with Lightning's
/// hooks in Lightning's order.
///
/// Threads: one thread owns it and everything it touches. Only RunControl may be used from
///          elsewhere.
/// Lives:   module and data module are not owned: they have to live as long as a run, and as long as
///          the Trainer is asked for them or for a checkpoint afterwards; else those calls throw.
/// Runs:    one after another, each going on where the last one ended: a second fit trains further
///          once max_epochs or max_steps allow it (live().max_epochs), loggers keep their folder.
/// Throws:  MisconfigurationError before the first batch for what cannot work; DataError,
///          CheckpointError; what hooks throw, after on_exception, finalized loggers and tear-down.
/// Source:  PyTorch Lightning 2.6, trainer/trainer.py.
class LEYDEN_API Trainer
{
public:
    explicit Trainer(const TrainerOptions& options = {}, TrainerParts parts = {});
    ~Trainer();
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;

    /// ckpt_path: empty, a file to resume from, or one of Lightning's words: "best" (of the first
    /// ModelCheckpoint), "last" (the newest that a ModelCheckpoint of this Trainer wrote; where there
    /// is none a warning), "hpc" (of a job that SLURM requeued).
    /// Throws MisconfigurationError while a run of this Trainer is going on.
    void fit(LightningModule& module, LightningDataModule& data,
        const std::filesystem::path& ckpt_path = {});
    EvaluationResults validate(LightningModule& module, LightningDataModule& data,
        const std::filesystem::path& ckpt_path = {});
    EvaluationResults test(LightningModule& module, LightningDataModule& data,
        const std::filesystem::path& ckpt_path = {});
    /// One list of step outputs (on the CPU) a loader.
    std::vector<std::vector<StateTree>> predict(LightningModule& module, LightningDataModule& data,
        const std::filesystem::path& ckpt_path = {});
    /// The same with the module's own loaders.
    void fit(LightningModule& module, const std::filesystem::path& ckpt_path = {});
    EvaluationResults validate(
        LightningModule& module, const std::filesystem::path& ckpt_path = {});
    EvaluationResults test(LightningModule& module, const std::filesystem::path& ckpt_path = {});
    std::vector<std::vector<StateTree>> predict(
        LightningModule& module, const std::filesystem::path& ckpt_path = {});

    /// Hands over a checkpoint that was read already, so that the run does not read it again.
    void preload_checkpoint(std::filesystem::path file, StateTree checkpoint);
    /// Writes a checkpoint of the run as it stands, or as it ended: the last run's module and data
    /// module have to be there still. A relative path is one of the working directory. Throws
    /// CheckpointError before the first run, MisconfigurationError where they are gone, FileError.
    /// When it returns, the file and all that were scheduled before it are on the disk.
    void save_checkpoint(const std::filesystem::path& file, bool weights_only = false);
    StateTree dump_checkpoint(bool weights_only = false);
    /// The same for a checkpoint that may fail: empty after checkpoint_failed() where a hook
    /// throws.
    std::optional<StateTree> try_dump_checkpoint(bool weights_only);
    /// Writes checkpoints (of dump_checkpoint) while the run goes on; `done` of a job is called
    /// between two batches, and by the end of the run at the latest. See CheckpointWriter.
    void schedule_checkpoints(std::vector<CheckpointJob> jobs);
    /// Waits for those that are not on the disk yet. Call it before reading a file of a running
    /// fit.
    void wait_for_checkpoints();
    /// Whether the file will be there once all are written.
    bool will_exist(const std::filesystem::path& file);

    // Where the run is ---------------------------------------------------------------------------
    int64_t current_epoch() const;        ///< completed epochs
    int64_t global_step() const;          ///< completed optimizer steps
    int64_t batches_that_stepped() const; ///< the loggers' x
    int64_t num_training_batches() const; ///< unknown_size of an IterableDataset
    int64_t num_val_batches() const;      ///< over all loaders
    int64_t estimated_stepping_batches() const;
    bool is_last_batch() const;
    const TrainerState& state() const { return state_; }
    bool sanity_checking() const { return state_.stage == RunningStage::SanityChecking; }
    /// The validation that runs was asked for by hand: no early stopping, no checkpoint by it.
    bool is_beside_the_run() const { return is_beside_the_run_; }
    bool should_stop = false; ///< ask to end after this batch (honoured once min_epochs and
                              ///< min_steps are met)

    const MetricDict& callback_metrics() { return connector_.callback_metrics(); }
    const MetricDict& logged_metrics() const { return connector_.logged_metrics(); }
    const MetricDict& progress_bar_metrics() const { return connector_.progress_bar_metrics(); }

    bool is_automatic_optimization() const { return is_automatic_; }
    /// Of the running run, or of the last one. Throws MisconfigurationError before the first one,
    /// and where it is gone.
    LightningModule& lightning_module() const;
    bool has_datamodule() const { return data_ != nullptr; }
    LightningDataModule& datamodule() const; ///< the same; throws also where the run has none
    const std::vector<std::unique_ptr<Callback>>& callbacks() const { return callbacks_; }
    // The first of its kind among the callbacks; null where there is none.
    ModelCheckpoint* checkpoint_callback() const;
    EarlyStopping* early_stopping_callback() const;
    ProgressBarCallback* progress_bar_callback() const;
    std::vector<ModelCheckpoint*> checkpoint_callbacks() const;
    std::vector<EarlyStopping*> early_stopping_callbacks() const;
    const std::vector<std::unique_ptr<Logger>>& loggers() const { return loggers_; }
    Logger* logger() const { return loggers_.empty() ? nullptr : loggers_.front().get(); }
    std::vector<std::shared_ptr<Optimizer>>& optimizers() { return optimizers_; }
    /// The same, as manual optimization uses them.
    std::vector<LightningOptimizer>& lightning_optimizers() { return lightning_optimizers_; }
    std::vector<LRSchedulerConfig>& lr_scheduler_configs() { return schedulers_; }
    Strategy& strategy() const { return *strategy_; }
    Profiler* profiler() const { return profiler_.get(); } ///< null where nothing is measured
    const TrainerPlan& plan() const { return plan_; }
    LivePlan& live() { return plan_.live; } ///< what may change while the run goes on
    const Clock& clock() const { return clock_; }
    FileSystem& files() const { return files_; }
    RunControl* control() const { return control_; }
    /// First logger's folder, else run_dir, else default_root_dir.
    std::filesystem::path log_dir() const;
    /// A path of the options: where it is relative, below TrainerParts::root.
    std::filesystem::path output_path(const std::filesystem::path& path) const
    {
        return parts_.root / path;
    }
    bool should_update_logs() const;
    /// Whether a fit validates: it has loaders for it, a validation_step, and limit_val_batches is
    /// not 0.
    bool enable_validation() const;
    bool has_val_dataloader() const; ///< of the data module, or else of the module
    double seconds() const;          ///< since training began
    double active_seconds() const;   ///< without pauses
    /// How a person ended the run, if one did.
    std::optional<StopVerb> stopped_by() const { return stopped_by_; }

    /// The checkpoint that this fit goes on from; empty: none.
    const std::string& resumed_from() const { return resumed_from_; }
    /// Whether the schedulers took their state from it.
    bool resumes_schedules() const { return !resumed_from_.empty() && parts_.restore.lr_scheduler; }
    /// Whether the last checkpoint could not be written (exit code 1 of `leyden fit`).
    bool has_unsaved_checkpoint() const { return is_checkpoint_failing_; }

    // For hooks, callbacks and loops -------------------------------------------------------------
    void tell(const RunEvent& event);
    void message(MessageEvent::Level level, std::string text);
    void warn(std::string text) { message(MessageEvent::Level::Warning, std::move(text)); }
    void checkpoint_failed(const std::string& reason); ///< warns when the state changes
    void checkpoint_written();
    bool has_checkpoint_news() const
    {
        return has_checkpoint_news_.load(std::memory_order_relaxed);
    }
    void deliver_checkpoint_news(); ///< calls `done` of the checkpoints that were written meanwhile
    void log_row(MetricRow row, bool with_epoch);
    LogConnector& connector() { return connector_; }
    FitLoop& fit_loop() const { return *fit_loop_; }
    EvaluationLoop& evaluation_loop() const; ///< the one that runs, or ran last, of this function
    PredictionLoop& predict_loop() const { return *predict_loop_; }
    Hook current_hook() const { return hook_; }
    /// on_before_backward, the strategy's backward pass, on_after_backward.
    void run_backward(const at::Tensor& loss, const BackwardOptions& options);
    void run_backward(const at::Tensor& loss);
    /// The closure (if there is one), then on_before_optimizer_step and clipping (under automatic
    /// optimization), then the optimizer's arithmetic.
    at::Tensor step_optimizer(Optimizer& optimizer, const Closure& closure);
    std::string run_config_text; ///< the resolved run config as JSON; goes into every checkpoint
    LoopPhase phase = LoopPhase::Start; ///< where in the loops the run is; goes into checkpoints

private:
    friend class HookScope;
    friend class RunSteering;
    friend class EvaluationLoop;
    friend class FitLoop;
    friend class PredictionLoop;
    friend class TrainingEpochLoop;
    friend class CheckpointConnector;
    friend class TrialRun;

    void run(TrainerFn fn, LightningModule& module, LightningDataModule* data,
        const std::filesystem::path& ckpt_path);
    void run_guarded(TrainerFn fn, LightningModule& module, LightningDataModule* data,
        const std::filesystem::path& ckpt_path);
    void print_results(TrainerFn fn);
    void check_not_running(TrainerFn fn) const;
    /// The file that a ckpt_path names, which may be a word.
    std::filesystem::path named_checkpoint(TrainerFn fn, const std::filesystem::path& ckpt_path);
    std::filesystem::path exception_checkpoint_path();
    std::filesystem::path best_checkpoint_path(TrainerFn fn);
    std::filesystem::path last_checkpoint_path(TrainerFn fn);
    void check_steps(TrainerFn fn); ///< that the module has the steps which the run needs
    void finish_run(TrainerFn fn); ///< the teardown hooks, loggers finalized, the profiler's report
    void report_profile();
    void run_stages(TrainerFn fn, const std::filesystem::path& ckpt_path);
    void run_fit_loop();
    void run_sanity_check();
    void after_exception(const std::exception& error);
    std::string place_text() const; ///< where in the run it is, for messages
    void attach_callbacks(const TrainerOptions& options);
    void attach_model_callbacks();
    void reorder_callbacks(); ///< tuners first, checkpoint kinds last
    void open_loggers();
    void tell_folder();
    void flush_loggers();
    void remove_emergency_checkpoint(); ///< of an earlier interrupt, once a run has ended normally
    void tell_reports();                ///< what the loggers' threads have to say
    void setup_optimizers();
    void check_optimization() const; ///< what manual optimization forbids

    TrainerPlan plan_;
    TrainerParts parts_;
    const Clock& clock_;
    FileSystem& files_;
    std::unique_ptr<RunControl> own_control_; ///< for signals, where none was given
    RunControl* control_;
    std::unique_ptr<RunPrinter> printer_; ///< null where nothing is printed
    RunObserver* observer_;
    std::vector<std::unique_ptr<Callback>> callbacks_;
    std::vector<std::unique_ptr<Logger>> loggers_;
    std::vector<std::unique_ptr<LoggerQueue>> queues_;
    std::unique_ptr<Strategy> strategy_;
    std::unique_ptr<Profiler> profiler_;
    std::unique_ptr<FitLoop> fit_loop_;
    std::unique_ptr<EvaluationLoop> validate_loop_;
    std::unique_ptr<EvaluationLoop> test_loop_;
    std::unique_ptr<PredictionLoop> predict_loop_;
    std::unique_ptr<TraceWriter> trace_;
    LogConnector connector_;
    TrainerState state_;
    LightningModule* module_ = nullptr;
    LightningDataModule* data_ = nullptr;
    std::weak_ptr<const void> module_life_;
    std::weak_ptr<const void> data_life_;
    bool has_opened_loggers_ = false;
    std::vector<std::shared_ptr<Optimizer>> optimizers_;
    std::vector<LightningOptimizer> lightning_optimizers_;
    std::vector<LRSchedulerConfig> schedulers_;
    NonFiniteWatch non_finite_watch_;
    bool is_automatic_ = true; ///< the module's automatic_optimization, which it may set up to its
                               ///< setup()
    Hook hook_ = Hook::None;
    std::optional<StopVerb> stopped_by_;
    std::string resumed_from_;
    std::filesystem::path preloaded_file_;
    StateTree preloaded_;
    bool is_checkpoint_failing_ = false;
    std::unique_ptr<CheckpointWriter> checkpoint_writer_;
    std::atomic<bool> has_checkpoint_news_{false};
    EvaluationResults evaluation_results_;
    std::vector<std::vector<StateTree>> predictions_;
    std::mutex reports_mutex_;
    std::vector<std::string> reports_; ///< what logger threads have to say
    std::atomic<bool> has_reports_{false};
    Clock::Duration train_start_{0};
    Clock::Duration paused_{0};
    bool is_beside_the_run_ = false; ///< a validation asked for by hand, which callbacks do not
                                     ///< count
    bool resumes_in_place_ = false;  ///< the run goes on in the folder of its checkpoint
    int64_t rows_logged_ = 0; ///< handed to the loggers in this run, those before a resume included
};

/// Thrown by a tuner's callback to end the run before it begins: its teardown hooks run, and it
/// counts as finished.
class LEYDEN_API TunerExit final : public std::exception
{
public:
    const char* what() const noexcept override { return "the tuner is done"; }
};

/// Thrown inside the loops to end a run that was interrupted (SIGINT, SIGTERM) or stopped at once;
/// goes through on_exception like any other exception.
class LEYDEN_API RunInterrupted final : public std::exception
{
public:
    explicit RunInterrupted(int signal) : signal_(signal) { }
    const char* what() const noexcept override { return "the run was interrupted"; }
    int signal() const noexcept { return signal_; }

private:
    int signal_;
};

} // namespace leyden
