// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace leyden::headless {

/// `leyden inspect FILE`: what a checkpoint holds, or a file of weights. Throws CheckpointError, FileError.
int inspect(const std::string& file, bool as_json);

/// `leyden inspect FILE OTHER`: where two of them differ. Throws CheckpointError, FileError.
int compare(const std::string& first, const std::string& second, bool as_json);

} // namespace leyden::headless
