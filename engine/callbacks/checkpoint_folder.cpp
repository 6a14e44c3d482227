// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/checkpoint_folder.h"

#include "engine/core/errors.h"
#include "engine/core/file_system.h"

#include <spdlog/fmt/fmt.h>

namespace leyden {
namespace {

/// The first folder of the path that does not exist; empty: all exist.
std::filesystem::path first_missing(FileSystem& files, const std::filesystem::path& folder)
{
    std::filesystem::path reached;
    for (const auto& part : folder) {
        reached /= part;
        if (!files.exists(reached))
            return reached;
    }
    return {};
}

} // namespace

void make_checkpoint_folder(
    FileSystem& files, const std::filesystem::path& folder, const std::string& option)
{
    try {
        files.create_directories(folder);
        files.try_lock(folder / ".leyden-writable"); // removed at once; another run's does as well
    } catch (const FileError& error) {
        throw FileError(fmt::format("{} = '{}': {}; name a folder that can be written to", option,
            folder.string(), error.what()));
    }
}

void try_checkpoint_folder(
    FileSystem& files, const std::filesystem::path& folder, const std::string& option)
{
    const auto missing = first_missing(files, folder);
    make_checkpoint_folder(files, folder, option);
    if (missing.empty())
        return;
    try {
        for (auto made = folder; made != missing.parent_path(); made = made.parent_path())
            files.remove(made);
    } catch (const FileError&) { // another run writes there meanwhile
    }
}

} // namespace leyden
