// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"

#include <optional>
#include <string>
#include <vector>

namespace leyden {

/// The SLURM job that this process is a task of.
///
/// Source: PyTorch Lightning 2.6, plugins/environments/slurm.py and
///         trainer/connectors/signal_connector.py.
class LEYDEN_API SlurmJob
{
public:
    /// None outside of SLURM, and in an interactive job. Throws MisconfigurationError for an id that
    /// is no number.
    static std::optional<SlurmJob> detect();

    const std::string& id() const { return id_; } ///< as scontrol takes it: "17", "17_3" in an
                                                  ///< array; a requeue keeps it
    bool is_main_task() const { return is_main_task_; } ///< of the tasks of this job, the first
    /// Gives the job back to the queue by scontrol. Empty, or why that failed. SLURM ends the
    /// processes then.
    std::string requeue() const;

private:
    std::string id_;
    bool is_main_task_ = true;
};

/// All `hpc_ckpt_N.ckpt` in a folder, the highest N first.
LEYDEN_API std::vector<FileSystem::path> hpc_checkpoints(
    FileSystem& files, const FileSystem::path& folder);
/// The name of the next one.
LEYDEN_API FileSystem::path next_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder);

// What such a file says of the job, in its part "leyden".
inline constexpr const char* hpc_job_key = "slurm_job";     ///< SlurmJob::id()
inline constexpr const char* hpc_folder_key = "run_folder"; ///< where the run goes on

} // namespace leyden
