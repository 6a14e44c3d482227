// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/config_problem.h"
#include "engine/config/path_roots.h"
#include "engine/config/trainer_options.h"
#include "engine/core/export.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class Registry;

/// `lr_scheduler` of a run config: the component, and when the Trainer steps it.
///
/// Differs: other keys are errors; Lightning ignores them with a warning.
struct LRSchedulerOptions
{
    ComponentConfig scheduler;
    std::string interval = "epoch"; ///< "epoch" or "step"
    int64_t frequency = 1;
    std::optional<std::string> monitor;
    bool strict = true;
    std::optional<std::string> name; ///< for LearningRateMonitor
};

/// A run config, parsed, checked and with every default filled in (contract.md section 2).
struct RunConfig
{
    int64_t schema = 1;
    int64_t seed_everything = 0; ///< 0 .. 2^32 - 1
    std::optional<int64_t>
        num_threads; ///< threads of one operation; unset: chosen by the model's size
    ComponentConfig model;
    ComponentConfig data;
    ComponentConfig optimizer;
    std::optional<LRSchedulerOptions> lr_scheduler;
    TrainerOptions trainer;
    std::optional<std::string> ckpt_path;
    std::vector<std::string> ckpt_restore = {"weights", "optimizer", "lr_scheduler", "loops"};
    bool strict_loading = true; ///< names of parameters in model and checkpoint have to agree
    Json resolved; ///< the whole config with defaults, in the table's order: what config.json holds
};

/// A dotted override of the command line: `trainer.max_epochs` = `3`. The text is read as JSON
/// where it is JSON (3, 1.0, null, [1, 2], "x"), else as a string.
struct ConfigOverride
{
    std::string path;
    std::string text;
};

struct ParsedConfig
{
    RunConfig config; ///< meaningful only without problems
    std::vector<ConfigProblem> problems;
};

/// The options of LRSchedulerOptions that stand beside class_path.
LEYDEN_API void describe(OptionTable<LRSchedulerOptions>& table);

/// Checks a document against the option table. All problems are reported at once; none throws.
LEYDEN_API ParsedConfig parse_run_config(
    const Json& document, const Registry& registry, const PathRoots& roots);

/// Reads a file (config_file.h), applies overrides, parses. Throws MisconfigurationError with one
/// line per problem, and FileError where the file cannot be read. `verb` picks one of the sections
/// that a file of LightningCLI may have.
LEYDEN_API RunConfig load_run_config(const std::filesystem::path& file,
    const std::vector<ConfigOverride>& overrides, const Registry& registry, const PathRoots& roots,
    const std::string& verb = "fit");

/// The same for a document that was read already. `source` names it in messages.
LEYDEN_API RunConfig load_run_config(Json document, const std::string& source,
    const std::vector<ConfigOverride>& overrides, const Registry& registry, const PathRoots& roots);

/// Sets each override in the document. Problems: paths that lead nowhere.
LEYDEN_API std::vector<ConfigProblem> apply_overrides(
    Json& document, const std::vector<ConfigOverride>& overrides);

/// The JSON Schema (draft 2020-12) of a run config over all registered components, with x-group,
/// x-tier, x-unit, x-depends beside the standard keywords.
LEYDEN_API Json run_config_schema(const Registry& registry);

} // namespace leyden
