// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace leyden {

enum class CheckpointUse { Training, Evaluation }; ///< training needs the optimizer's state

/// The newest whole checkpoint in these folders, by time of writing; empty where there is none.
/// Averaged weights beside it are left out.
/// `damaged`: what is wrong with newer ones, a sentence each.
LEYDEN_API std::optional<std::filesystem::path> newest_checkpoint(FileSystem& files,
    const std::vector<std::filesystem::path>& folders, CheckpointUse use,
    std::vector<std::string>* damaged = nullptr);

/// What the ModelCheckpoint of the newest one that says so holds for the best; empty where none
/// does.
/// `named`: how many ModelCheckpoints that one says it of; the first one's is taken.
LEYDEN_API std::optional<std::filesystem::path> best_checkpoint(
    FileSystem& files, const std::vector<std::filesystem::path>& folders, int* named = nullptr);

/// The newest file of averaged weights in these folders.
LEYDEN_API std::optional<std::filesystem::path> averaged_checkpoint(
    FileSystem& files, const std::vector<std::filesystem::path>& folders);

/// The version folders below `parent`, newest version first.
LEYDEN_API std::vector<std::filesystem::path> run_folders(
    FileSystem& files, const std::filesystem::path& parent);

} // namespace leyden
