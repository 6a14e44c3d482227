// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/config_problem.h"
#include "engine/config/yaml_config.h"
#include "engine/core/export.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

class Registry;

/// .yaml and .yml are YAML, .json is JSON; any other file is JSON where it begins with '{'.
LEYDEN_API bool is_yaml(const std::string& file_name, std::string_view text);

/// A run config from the text of a file, JSON or YAML, also one of LightningCLI's. `verb` picks one
/// of its sections, if it has them. Throws MisconfigurationError, with the file's name.
LEYDEN_API ConfigText config_from_text(const std::string& text, const std::string& file_name,
    const Registry& registry, const std::string& verb = "fit");

/// The same from the file itself. Throws FileError too.
LEYDEN_API ConfigText read_config_file(
    const std::filesystem::path& file, const Registry& registry, const std::string& verb = "fit");

/// Reads a file as JSON and checks nothing of its content. Throws as the above.
LEYDEN_API Json read_config_file(const std::filesystem::path& file);

/// Adds to the problems in which line of the file they are, but for those of `elsewhere` (JSON
/// pointers), whose values come from elsewhere.
LEYDEN_API void name_lines(std::vector<ConfigProblem>& problems, const ConfigLines& lines,
    const std::string& file_name, const std::vector<std::string>& elsewhere);

} // namespace leyden
