// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/output.h"
#include "app/headless/run_command.h"

#include <string>
#include <utility>
#include <vector>

namespace leyden::headless {

/// What the verbs of `leyden tune` take besides the config.
struct TuneArguments
{
    ConfigArguments config;
    std::vector<std::pair<std::string, std::string>> options; ///< of the finder, as written
    bool as_json = false;
    Style style;
};

/// An option of a finder: its name and its help.
using FinderOptions = std::vector<std::pair<std::string, std::string>>;
FinderOptions lr_find_options();
FinderOptions batch_size_options();
FinderOptions threads_options();

/// Look for the setting and print what was found; nothing is written. Return the exit code; throw
/// what read_config throws, and what the run throws.
int tune_lr(const TuneArguments& arguments, const Registry& registry);
int tune_batch_size(const TuneArguments& arguments, const Registry& registry);
int tune_threads(const TuneArguments& arguments, const Registry& registry);

} // namespace leyden::headless
