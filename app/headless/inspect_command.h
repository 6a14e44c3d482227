// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace leyden::headless {

/// `leyden inspect FILE`: what a checkpoint holds. Throws CheckpointError, FileError.
int inspect(const std::string& file, bool as_json);

} // namespace leyden::headless
