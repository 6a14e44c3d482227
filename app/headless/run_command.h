// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/output.h"
#include "engine/config/registry.h"
#include "engine/config/run_config.h"
#include "engine/trainer/run_session.h"

#include <filesystem>
#include <string>
#include <vector>

namespace leyden::headless {

/// What the training verbs and `check` share.
struct ConfigArguments
{
    std::string config; ///< file; empty: preset
    std::string preset;
    std::vector<ConfigOverride> overrides;
    std::string verb = "fit"; ///< picks a section of LightningCLI's files
};

struct RunArguments
{
    TrainerFn fn = TrainerFn::Fit;
    ConfigArguments config;
    std::string run_dir;
    std::string trace;
    std::string replay_events;
    std::string output; ///< predictions; empty: predictions.csv in the run folder that --run_dir
                        ///< names, else in the working directory
    bool print_config = false;
    Style style;
};

/// Reads the config that the arguments name. Throws MisconfigurationError, FileError.
RunConfig read_config(const ConfigArguments& arguments, const Registry& registry);

/// Runs one verb and returns its exit code. Throws what read_config throws.
int run_verb(const RunArguments& arguments, const Registry& registry);

} // namespace leyden::headless
