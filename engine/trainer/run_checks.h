// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class Callback;
class LightningModule;
class Optimizer;
class Registry;
class Trainer;
struct DataSpec;
struct LRSchedulerConfig;
struct RunConfig;
struct TrainerPlan;

/// Something about a fit that is known to be wrong, or odd, before its first batch.
struct RunProblem
{
    bool is_error = false; ///< the run cannot end well; else it only may not do what was meant
    std::string pointer;   ///< JSON pointer of the place in the config; "" where there is none
    std::string text;
};

/// Collects problems. `place` is the JSON pointer of the component that is looked at.
class LEYDEN_API RunProblems
{
public:
    /// `option`: below the place, e.g. "monitor"; "" is the component as a whole.
    void error(const std::string& option, std::string text);
    void warn(const std::string& option, std::string text);
    bool has_errors() const;

    std::string place;
    std::vector<RunProblem> found;

private:
    void add(bool is_error, const std::string& option, std::string text);
};

/// A metric that a component watches.
struct WatchedMetric
{
    std::string name;
    std::string watcher;           ///< e.g. "EarlyStopping", for messages
    bool is_strict = true;         ///< a name that nothing logs ends the run
    bool needs_value = true;       ///< so does a metric of validation where no validation runs
    std::vector<std::string> also; ///< names that the watcher knows besides what is logged
};

/// What is known of a fit before its first batch. What is unset is not known.
struct LEYDEN_API RunFacts
{
    const TrainerPlan* plan = nullptr;
    bool is_resumed = false;              ///< metrics and places in schedules are those of before
    bool has_restored_schedules = false;  ///< the schedulers have the state of a checkpoint
    std::optional<int64_t> train_batches; ///< of an epoch, limits applied
    std::optional<int64_t> val_batches;   ///< of a validation, limits applied
    bool has_loggers = true;
    bool saves_checkpoints = true;  ///< a checkpoint callback writes files
    bool has_one_val_loader = true; ///< several add /dataloader_idx_N to names
    const std::vector<LRSchedulerConfig>* schedulers = nullptr;
    const std::vector<std::shared_ptr<Optimizer>>* optimizers = nullptr;

    // Set by check_run() from what module and callbacks say.
    const LightningModule* module = nullptr;
    bool has_validation_step = true;
    std::vector<std::string> names;            ///< of all metrics that are known to be logged
    std::vector<std::string> validation_names; ///< those that only validation gives
    bool declares_names = false;               ///< whether the module says what it logs
    bool knows_all_names = false;              ///< whether nothing else is logged
    bool may_end_early = false;                ///< by a callback or a time limit
    bool accumulates_evenly = true;            ///< no callback changes accumulate_grad_batches

    /// Why no validation ever runs; "" where one does, or nobody knows.
    std::string why_no_validation() const;
    /// Training batches before the first validation of a run that begins; unset: not known.
    std::optional<int64_t> first_validation() const;
    /// Steps that a schedule takes in the whole run; unset: not known.
    std::optional<int64_t> schedule_steps(const LRSchedulerConfig& config) const;
    std::optional<int64_t> optimizer_steps() const; ///< of the whole run
    bool knows(const std::string& name) const;
    bool is_of_validation(const std::string& name) const;
    /// Adds that the weights which a callback averages come into no file, where that is so.
    void check_average(const std::string& averager, RunProblems& problems) const;
    /// Adds what is wrong with a monitored name, under the option `monitor`.
    void check_metric(const WatchedMetric& watched, RunProblems& problems) const;
};

/// A callback and its place in the config.
struct PlacedCallback
{
    const Callback* callback = nullptr;
    std::string pointer; ///< of its init_args; "" where there is no config
};

/// All that can be known to be wrong with a fit before its first batch: monitored names, templates
/// of file names, lengths of schedules, validation that never comes. Asks each callback too.
///
/// One function for `leyden check`, the studio's form and the fit itself.
LEYDEN_API std::vector<RunProblem> check_run(RunFacts facts, const LightningModule& module,
    const std::vector<PlacedCallback>& callbacks, const std::string& scheduler_pointer = {});

/// The same for a config whose data and model were made already. Never throws for what is wrong
/// with the config; it is among the problems. Draws no random number, and reads no data.
LEYDEN_API std::vector<RunProblem> check_run(const RunConfig& config, const Registry& registry,
    LightningModule& module, const DataSpec& spec);

/// The same for a Trainer that has its optimizers and loaders: tells the warnings, and throws
/// MisconfigurationError with all errors.
void check_before_training(Trainer& trainer);

/// Throws MisconfigurationError with a line for each error, if there is one.
LEYDEN_API void throw_errors(const std::vector<RunProblem>& problems);

} // namespace leyden
