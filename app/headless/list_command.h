// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"

#include <string>
#include <vector>

namespace leyden::headless {

/// `leyden list WHAT`: models, data, optimizers, lr_schedulers, callbacks, loggers, ... with their
/// options, or all of the Trainer's.
int list_components(const std::string& what, bool as_json, const Registry& registry);
std::vector<std::string> listable();

/// The end of `leyden fit --help`: what of the Trainer a user sets first.
std::string trainer_help();

/// `leyden presets`
int list_presets(bool as_json);

} // namespace leyden::headless
