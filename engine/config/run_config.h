// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/component_config.h"
#include "engine/config/trainer_options.h"
#include "engine/core/export.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

class Registry;

/// `lr_scheduler` of a run config: the component, and when the Trainer steps it.
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
    int64_t seed_everything = 0;        ///< 0 .. 2^32 - 1
    std::optional<int64_t> num_threads; ///< threads of one operation; unset: LibTorch's own count
    ComponentConfig model;
    ComponentConfig data;
    ComponentConfig optimizer;
    std::optional<LRSchedulerOptions> lr_scheduler;
    TrainerOptions trainer;
    std::optional<std::string> ckpt_path;
    Json resolved; ///< the whole config with defaults, in the table's order: what config.json holds
};

/// One thing that is wrong with a config.
struct ConfigProblem
{
    std::string pointer; ///< JSON pointer of the place, "" for the file as a whole
    std::string message; ///< value found, what is allowed, nearest known name
};

/// A dotted override of the command line: `trainer.max_epochs` = `3`. The text is read as JSON where
/// it is JSON (3, 1.0, null, [1, 2], "x"), else as a string.
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

/// Where relative input paths are looked for: the config file's folder, then the resource folder.
struct PathRoots
{
    std::filesystem::path config_folder;
    std::filesystem::path resource_folder;
};

/// Checks a document against the option table. All problems are reported at once; none throws.
LEYDEN_API ParsedConfig parse_run_config(
    const Json& document, const Registry& registry, const PathRoots& roots);

/// Reads text, applies overrides, parses. Throws MisconfigurationError with one line per problem, and
/// FileError where the file cannot be read.
LEYDEN_API RunConfig load_run_config(const std::filesystem::path& file,
    const std::vector<ConfigOverride>& overrides, const Registry& registry, const PathRoots& roots);

/// Sets each override in the document. Problems: paths that lead nowhere.
LEYDEN_API std::vector<ConfigProblem> apply_overrides(
    Json& document, const std::vector<ConfigOverride>& overrides);

/// The JSON Schema (draft 2020-12) of a run config over all registered components, with x-group,
/// x-tier, x-unit, x-depends beside the standard keywords.
LEYDEN_API Json run_config_schema(const Registry& registry);

} // namespace leyden
