// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"

#include <filesystem>
#include <string>
#include <vector>

namespace leyden {

// What a run's config says of its checkpoints. The config may be anything.

/// Folders that its checkpoint callbacks name; relative ones are below `root`.
std::vector<std::filesystem::path> checkpoint_dirpaths(
    const Json& config, const std::filesystem::path& root);
/// The files that its OnExceptionCheckpoints write.
std::vector<std::filesystem::path> exception_checkpoints(
    const Json& config, const std::filesystem::path& root);
/// What keeps it from having what `word` means ("last", "best", "averaged"); empty: nothing.
std::string setting_without_checkpoints(const Json& config, const std::string& word);

} // namespace leyden
