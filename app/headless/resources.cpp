// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/headless/resources.h"

#include "engine/core/errors.h"
#include "engine/core/file_system.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace leyden::headless {
namespace {

std::filesystem::path share_folder()
{
    std::error_code failure;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
    const auto share = program.parent_path().parent_path() / "share" / "leyden";
    return !failure && std::filesystem::is_directory(share, failure) ? share
                                                                     : std::filesystem::path();
}

} // namespace

std::filesystem::path resource_folder()
{
    if (const char* said = std::getenv("LEYDEN_RESOURCES"))
        return said;
    const auto share = share_folder();
    return share.empty() ? std::filesystem::path(LEYDEN_SOURCE_DIR) / "resources"
                         : share / "resources";
}

std::filesystem::path preset_folder()
{
    const auto share = share_folder();
    return share.empty() ? std::filesystem::path(LEYDEN_SOURCE_DIR) / "presets" : share / "presets";
}

std::vector<Preset> presets()
{
    const auto index = preset_folder() / "index.json";
    std::vector<Preset> found;
    const auto document = nlohmann::json::parse(FileSystem::local().read(index), nullptr, false);
    if (!document.is_array())
        throw MisconfigurationError(
            "'" + index.string() + "' is not a list of presets; install Leyden anew");
    for (const auto& entry : document) {
        const auto name = entry.value("name", "");
        found.push_back({name, entry.value("title", ""), entry.value("summary", ""),
            entry.value("data", ""), entry.value("seconds", 0.0), entry.value("hint", ""),
            preset_folder() / (name + ".json")});
    }
    return found;
}

std::filesystem::path preset_file(const std::string& name)
{
    std::vector<std::string> names;
    for (const auto& preset : presets()) {
        if (preset.name == name)
            return preset.file;
        names.push_back(preset.name);
    }
    std::string list;
    for (const auto& known : names)
        list += (list.empty() ? "" : ", ") + known;
    throw MisconfigurationError("preset '" + name + "': unknown; there are " + list);
}

} // namespace leyden::headless
