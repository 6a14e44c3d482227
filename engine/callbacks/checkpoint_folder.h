// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace leyden {

class FileSystem;

/// Makes the folder that an option names, and tries whether files can be written there, so that it
/// is not found at the first save. `option`: as messages name it, e.g. "ModelCheckpoint: dirpath".
/// Throws FileError where it cannot be made or written to.
void make_checkpoint_folder(
    FileSystem& files, const std::filesystem::path& folder, const std::string& option);

/// The same for a folder that the run may never need: what did not exist is removed again.
void try_checkpoint_folder(
    FileSystem& files, const std::filesystem::path& folder, const std::string& option);

} // namespace leyden
