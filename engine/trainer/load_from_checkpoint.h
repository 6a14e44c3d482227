// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/run_config.h"
#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/trainer/build_run.h"

#include <filesystem>
#include <vector>

namespace leyden {

/// The config of the run that wrote a checkpoint. `file` names it in messages.
///
/// Throws: MisconfigurationError where it carries none (weights alone, or written by Lightning),
///         CheckpointError where what it carries is damaged.
LEYDEN_API Json run_config_of(const StateTree& checkpoint, const std::filesystem::path& file);

/// Builds data and model from a checkpoint alone: by the config it carries, with its fitted data
/// state and its weights. Every generator is put back.
///
/// overrides: of that config, as on the command line.
/// Throws:    CheckpointError, MisconfigurationError, DataError, FileError.
/// Source:    PyTorch Lightning 2.6, core/saving.py, load_from_checkpoint.
LEYDEN_API BuiltRun load_from_checkpoint(const std::filesystem::path& file,
    const Registry& registry, const PathRoots& roots,
    const std::vector<ConfigOverride>& overrides = {});

} // namespace leyden
