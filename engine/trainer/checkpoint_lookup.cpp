// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/checkpoint_lookup.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace leyden {

namespace {

/// All checkpoints in these folders, newest first.
std::vector<std::filesystem::path> checkpoints_in(
    FileSystem& files, const std::vector<std::filesystem::path>& folders)
{
    std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> found;
    const auto search
        = [&](const auto& self, const std::filesystem::path& folder, int depth) -> void {
        for (const auto& file : files.list(folder)) {
            std::error_code failure;
            const auto time = std::filesystem::last_write_time(file, failure);
            if (std::filesystem::is_directory(file, failure) && depth > 0)
                self(self, file, depth - 1);
            if (file.extension() == ".ckpt" && !failure)
                found.emplace_back(time, file);
        }
    };
    for (const auto& folder : folders)
        search(search, folder, 3); // a file name may hold folders
    std::stable_sort(
        found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::filesystem::path> checkpoints;
    for (auto& [time, file] : found)
        checkpoints.push_back(std::move(file));
    return checkpoints;
}

/// What the callbacks of a checkpoint name as the best, where it is still there.
std::optional<std::filesystem::path> best_named_in(
    FileSystem& files, const std::filesystem::path& file, int* named)
{
    const auto checkpoint = load_checkpoint_outline(files, file);
    const auto* callbacks = checkpoint.find("callbacks");
    if (!callbacks || !callbacks->is_dict())
        return {};
    if (named)
        *named = int(std::count_if(callbacks->entries().begin(), callbacks->entries().end(),
            [](const auto& entry) { return entry.second.find("best_model_path") != nullptr; }));
    for (const auto& [key, state] : callbacks->entries()) {
        const auto* best = state.find("best_model_path");
        if (!best || !best->is_string() || best->to_string().empty())
            continue;
        const std::filesystem::path path(best->to_string());
        if (files.exists(path))
            return path;
        // The folder was moved or copied: the file still lies beside the newest.
        const auto beside = file.parent_path() / path.filename();
        if (files.exists(beside))
            return beside;
    }
    return {};
}

} // namespace

std::optional<std::filesystem::path> newest_checkpoint(FileSystem& files,
    const std::vector<std::filesystem::path>& folders, CheckpointUse use,
    std::vector<std::string>* damaged)
{
    for (auto& file : checkpoints_in(files, folders)) {
        if (file.filename() == averaged_name)
            continue;
        try {
            if (load_checkpoint_outline(files, file).find("optimizer_states")
                || use == CheckpointUse::Evaluation)
                return std::move(file);
        } catch (const CheckpointError& error) {
            if (damaged)
                damaged->emplace_back(error.what());
        }
    }
    return {};
}

std::optional<std::filesystem::path> best_checkpoint(
    FileSystem& files, const std::vector<std::filesystem::path>& folders, int* named)
{
    for (const auto& file : checkpoints_in(files, folders)) {
        try {
            if (auto best = best_named_in(files, file, named))
                return best;
        } catch (const CheckpointError&) { // damaged: an older one may say it
        }
    }
    return {};
}

std::optional<std::filesystem::path> averaged_checkpoint(
    FileSystem& files, const std::vector<std::filesystem::path>& folders)
{
    for (auto& file : checkpoints_in(files, folders))
        if (file.filename() == averaged_name)
            return std::move(file);
    return {};
}

std::vector<std::filesystem::path> run_folders(
    FileSystem& files, const std::filesystem::path& parent)
{
    std::vector<std::pair<int64_t, std::filesystem::path>> found;
    for (const auto& entry : files.list(parent)) {
        const auto text = entry.filename().string();
        constexpr std::string_view prefix = "version_";
        int64_t number = 0;
        const auto* end = text.data() + text.size();
        if (text.starts_with(prefix)
            && std::from_chars(text.data() + prefix.size(), end, number).ptr == end)
            found.emplace_back(number, entry);
    }
    std::sort(
        found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::filesystem::path> folders;
    for (auto& [number, folder] : found)
        folders.push_back(std::move(folder));
    return folders;
}

} // namespace leyden
