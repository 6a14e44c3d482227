// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <filesystem>
#include <string>

namespace leyden {

/// Where relative input paths are looked for: the config file's folder, then the resource folder.
struct PathRoots
{
    std::filesystem::path config_folder;
    std::filesystem::path resource_folder;
};

/// The absolute path of an input: that of the config folder if something is there, else that of the
/// resource folder if something is there, else that of the config folder. URLs and "" stay as they
/// are.
LEYDEN_API std::string resolve_input_path(const std::string& path, const PathRoots& roots);

/// The path with "~" or "~user" at its beginning as that home folder; "file:///x" is "/x".
LEYDEN_API std::string with_home(const std::string& path);

/// Why nothing can be written there, "" if something can: a URL is no place of this machine.
LEYDEN_API std::string refused_output(const std::string& path);

/// with_home(), for a path that is written to. Throws MisconfigurationError, which begins with
/// `option`, for a URL.
LEYDEN_API std::string output_path(const std::string& path, const char* option);

} // namespace leyden
