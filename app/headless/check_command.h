// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/run_command.h"

namespace leyden::headless {

/// `leyden check`: validates a config and says what would run; trains nothing. Throws what is
/// wrong.
int check(const ConfigArguments& arguments, bool as_json, const Registry& registry);

} // namespace leyden::headless
