// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/core/export.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/trainer.h"

#include <filesystem>
#include <memory>

namespace leyden {

/// The objects of a run, made from its config.
struct BuiltRun
{
    std::shared_ptr<LightningDataModule> data;
    std::shared_ptr<LightningModule> module;
    std::unique_ptr<Trainer> trainer;
    int64_t resumed_step = 0; ///< global_step of the checkpoint; 0 without one
};

/// Sets the thread count, seeds every generator, reads the data's spec, builds the model and the
/// Trainer: in this order, for the draws of the model's initialisation are part of the run.
///
/// checkpoint: a file to resume or evaluate from; empty: none. Its fitted data state is used, not
///             fitted anew.
/// Throws: MisconfigurationError, DataError, CheckpointError, FileError.
LEYDEN_API BuiltRun build_run(const RunConfig& config, const Registry& registry, TrainerParts parts,
    const std::filesystem::path& checkpoint);

/// The optimizer and scheduler that a config names, over the module's parameters.
LEYDEN_API OptimizerSetup optimizers_of(
    const RunConfig& config, const Registry& registry, LightningModule& module);

/// The callbacks that a config names, one or several.
LEYDEN_API ComponentList callbacks_of(const RunConfig& config);

/// Data and model alone, for `leyden check` and exports; every generator is put back.
///
/// checkpoint: whose fitted data state is used; null: fitted anew. file: where it was read, for
///             messages.
LEYDEN_API BuiltRun build_model(const RunConfig& config, const Registry& registry,
    const StateTree* checkpoint = nullptr, const std::filesystem::path& file = {});

} // namespace leyden
