// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"

#include <string>
#include <vector>

namespace leyden {

/// Options as text for a terminal, under the headings of their groups:
///   patience (a whole number >= 0; default 3)
///       Checks without improvement before the stop
LEYDEN_API std::string option_help_table(const std::vector<Option>& options);

/// A component with its options, as text.
LEYDEN_API std::string component_help(const ComponentInfo& info);

/// A component for programs: {"kind", "name", "help", "options": [{"name", then its JSON Schema}]}.
LEYDEN_API Json component_json(const ComponentInfo& info);

/// The options of the Trainer and of the top level, for help texts.
LEYDEN_API std::vector<Option> trainer_option_list();
LEYDEN_API std::vector<Option> run_config_option_list();

} // namespace leyden
