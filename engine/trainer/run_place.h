// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/file_system.h"
#include "engine/trainer/run_session.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace leyden {

/// Where a run writes and what it goes on from.
struct RunPlace
{
    std::filesystem::path run_dir;     ///< empty: the logger makes a version folder
    std::filesystem::path checkpoint;  ///< empty: none
    bool resume_in_place = false;      ///< what is in run_dir already is a part of this run
    std::vector<std::string> warnings; ///< to be told once the run has begun
    std::string news;                  ///< likewise, and nothing to worry about
};

/// Resolves run_dir and ckpt_path of a request; touches nothing.
///
/// last: the newest checkpoint of the newest run of the series; a fit goes on in that run's folder.
/// best: what the ModelCheckpoint of that run holds for the best.
/// averaged: the averaged weights of that run; nothing to resume from.
/// Unset: with an OnExceptionCheckpoint what an error left, if there is such a file.
/// All look into checkpoints/ and into the dirpath of the run's ModelCheckpoints.
/// Throws: MisconfigurationError, CheckpointError.
///
/// Differs: `last` without a checkpoint is an error but for a fit, which starts afresh with a
///          warning; Lightning evaluates the weights at hand with a warning.
RunPlace find_run_place(const RunRequest& request, FileSystem& files);

/// Folder of the version folders: that of the first logger, or leyden_runs.
std::filesystem::path series_folder(const RunRequest& request);

/// The run folder is one run's alone while it writes. Throws MisconfigurationError where another
/// run has it.
std::unique_ptr<FileLock> lock_run_folder(FileSystem& files, const std::filesystem::path& folder);

/// Removes what a killed process left half written. Only with the folder's lock.
void remove_leftovers(FileSystem& files, const std::filesystem::path& folder);

/// Deletes what a run wrote into its folder, and the folder where nothing else is in it.
void discard_run_folder(FileSystem& files, const std::filesystem::path& folder);

/// The first logger that a config names; null where it names none.
const ComponentConfig* first_logger(const RunConfig& config);

/// Leaves the loggers no version of their own, so that each makes a new folder.
void forget_versions(RunConfig& config);

/// The config of the run in a folder; an empty object where there is none that can be read. Throws
/// FileError.
Json config_of_folder(FileSystem& files, const std::filesystem::path& folder);

/// Whether a run of the config logs: to loggers that it names, or to the default one.
bool has_loggers(const RunConfig& config);

} // namespace leyden
