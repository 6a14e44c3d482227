// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_observer.h"
#include "engine/trainer/trainer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// One run as a person asks for it: what both programs hand to the engine.
struct RunRequest
{
    TrainerFn fn = TrainerFn::Fit;
    RunConfig config; ///< its ckpt_path: a file, "last", "best", "averaged", "hpc", or unset
    std::filesystem::path output_root;   ///< relative outputs lie below it; empty: the working
                                         ///< directory
    std::filesystem::path run_dir;       ///< empty: a new version folder
    std::filesystem::path trace_file;    ///< empty: no trace
    std::filesystem::path replay_events; ///< empty: none
    RunControl* control = nullptr;
    RunObserver* observer = nullptr;
    FileSystem* files = nullptr; ///< the local disks
};

/// How a run ended. exit_code is that of contract.md section 3; failure is one plain sentence.
struct RunOutcome
{
    std::string state; ///< "finished", "stopped", "failed"
    int exit_code = 0;
    std::string failure;
    std::string details; ///< for the log: what a developer wants to know
    std::filesystem::path run_folder;
    /// Of a fit, how the training went: "completed", "stopped_early" (a callback or the module ended
    /// it before max_epochs and max_steps), "diverged" (parameters or the watched metric became
    /// NaN, infinite or worse than EarlyStopping's divergence_threshold); empty: none of them.
    std::string outcome;
    std::optional<bool> checkpoint_saved; ///< false: the model is in no file; unset: nobody asked
    bool is_discarded = false;            ///< the run folder was deleted, as was asked for
    EvaluationResults results;            ///< of validate and test
    std::vector<std::vector<StateTree>> predictions; ///< of predict
    DataSpec spec;
};

/// Runs one verb with its run folder (run.json, config.json, metrics.csv, events.jsonl, log.txt).
/// Never throws: what goes wrong is in the outcome.
///
/// Differs: without a logger a fit still has a folder, in leyden_runs/. An interrupt ends with exit
///          code 130 or 143, where Lightning has 1.
LEYDEN_API RunOutcome execute_run(const RunRequest& request, const Registry& registry);

/// The exit code and the plain sentence for an exception.
LEYDEN_API void describe_failure(const std::exception& error, RunOutcome& outcome);

} // namespace leyden
