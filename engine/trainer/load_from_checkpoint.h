// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/run_config.h"
#include "engine/core/export.h"
#include "engine/core/lightning_module.h"
#include "engine/core/state_tree.h"
#include "engine/trainer/build_run.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
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

/// A module's weights from a checkpoint, or a file of weights. Calls on_load_checkpoint before, and
/// takes the hyper-parameters that were saved, where there are any.
///
/// strict: also where module.strict_loading is false; unset: as that says.
/// Throws: CheckpointError where the weights do not fit, FileError.
LEYDEN_API void load_from_checkpoint(
    const std::filesystem::path& file, LightningModule& module, std::optional<bool> strict = {});
/// What save_hyperparameters kept in a checkpoint: a dict, empty where there is nothing.
LEYDEN_API StateTree hyper_parameters_of(const std::filesystem::path& file);

/// The same for a model of one's own, made of `args`; of the saved hyper-parameters where there are
/// no args and it has a constructor Model(const StateTree& hparams).
///
///     const auto model = load_from_checkpoint<Line>("last.ckpt");
template <class Model, class... Args>
std::shared_ptr<Model> load_from_checkpoint(const std::filesystem::path& file, Args&&... args)
{
    std::shared_ptr<Model> model;
    if constexpr (sizeof...(Args) == 0 && std::is_constructible_v<Model, const StateTree&>) {
        const StateTree hparams = hyper_parameters_of(file);
        model = std::make_shared<Model>(hparams);
    } else {
        model = std::make_shared<Model>(std::forward<Args>(args)...);
    }
    load_from_checkpoint(file, static_cast<LightningModule&>(*model));
    return model;
}

} // namespace leyden
