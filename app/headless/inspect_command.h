// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/headless/compare_checkpoints.h"

#include <string>
#include <vector>

namespace leyden::headless {

/// What a checkpoint holds, or a file of weights: an entry a line. Throws CheckpointError,
/// FileError.
std::string inspection_text(const std::string& file);
/// Where two of them differ. Throws CheckpointError, FileError.
std::vector<CheckpointDifference> differences_of_files(
    const std::string& first, const std::string& second);
/// The same as text. Throws CheckpointError, FileError.
std::string comparison_text(const std::string& first, const std::string& second);

/// `leyden inspect FILE`. Throws CheckpointError, FileError.
int inspect(const std::string& file, bool as_json);

/// `leyden inspect FILE OTHER`. Throws CheckpointError, FileError.
int compare(const std::string& first, const std::string& second, bool as_json);

} // namespace leyden::headless
