// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/config_problem.h"
#include "engine/config/json.h"
#include "engine/core/export.h"

#include <map>
#include <string>
#include <vector>

namespace leyden {

/// JSON pointer of an option that the environment set -> the variable it comes from.
using EnvironmentDefaults = std::map<std::string, std::string>;

/// Sets what a config leaves unsaid and the environment says: PL_TRAINER_<NAME> for an argument of
/// the Trainer, read as a Python literal, else as text; PL_TRAINER__<NAME>, which LightningCLI has
/// for the same, read as YAML; PL_GLOBAL_SEED for seed_everything. An empty variable counts as none.
///
/// Source: PyTorch Lightning 2.6, utilities/argparse.py, fabric/utilities/seed.py.
EnvironmentDefaults apply_environment(Json& document);

/// Adds to the problems of such options which variable they come from.
void name_variables(std::vector<ConfigProblem>& problems, const EnvironmentDefaults& variables);

} // namespace leyden
