// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <string>

namespace leyden {

class Registry;
struct RunConfig;

/// Source: PyTorch Lightning 2.6, plugins/environments/slurm.py.
struct SLURMEnvironmentOptions
{
    bool auto_requeue = true;               ///< false: the job's signal is left to the system
    std::string requeue_signal = "SIGUSR1"; ///< by which SLURM says that the time is nearly over
};

LEYDEN_API void describe(OptionTable<SLURMEnvironmentOptions>& table);

/// Those of the SLURMEnvironment among the config's plugins, or the defaults.
LEYDEN_API SLURMEnvironmentOptions slurm_options(const RunConfig& config);

/// Its number on this machine.
LEYDEN_API int requeue_signal(const SLURMEnvironmentOptions& options);

void register_environments(Registry& registry);

} // namespace leyden
