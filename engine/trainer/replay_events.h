// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/trainer/run_steering.h"

#include <string_view>
#include <vector>

namespace leyden {

/// The commands of an events.jsonl, in order; pauses are left out, an unfinished last line is
/// ignored.
/// Throws: MisconfigurationError naming the line that cannot be read.
LEYDEN_API std::vector<ReplayedCommand> parse_events(std::string_view text);

} // namespace leyden
