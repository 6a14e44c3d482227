// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"

#include <optional>
#include <string>

namespace leyden {

/// The SLURM job that this process is a task of.
///
/// Source: PyTorch Lightning 2.6, plugins/environments/slurm.py and trainer/connectors/signal_connector.py.
class LEYDEN_API SlurmJob
{
public:
    /// None outside of SLURM, and in an interactive job.
    static std::optional<SlurmJob> detect();

    const std::string& id() const { return id_; } ///< as scontrol takes it: "17", "17_3" in an array
    /// Gives the job back to the queue by scontrol. Empty, or why that failed. SLURM ends the processes then.
    std::string requeue() const;

private:
    std::string id_;
};

/// `hpc_ckpt_N.ckpt` of the highest N in a folder; none: nothing was ever requeued from there.
LEYDEN_API std::optional<FileSystem::path> newest_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder);
/// The name of the next one.
LEYDEN_API FileSystem::path next_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder);

} // namespace leyden
