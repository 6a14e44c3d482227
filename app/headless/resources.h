// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace leyden::headless {

/// Where datasets/ lies: LEYDEN_RESOURCES, else share/leyden/resources beside an installed program,
/// else the source tree that the program was built from.
std::filesystem::path resource_folder();
std::filesystem::path preset_folder();

struct Preset
{
    std::string name;
    std::string title;
    std::string summary;
    std::string data;
    double seconds = 0.0; ///< measured, on two cores
    std::string hint;     ///< what to try with it; may be empty
    std::filesystem::path file;
};

/// The presets of presets/index.json, in its order. Throws FileError, MisconfigurationError.
std::vector<Preset> presets();
/// Throws MisconfigurationError naming the presets there are.
std::filesystem::path preset_file(const std::string& name);

} // namespace leyden::headless
