// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/slurm.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace leyden {
namespace {
constexpr std::string_view prefix = "hpc_ckpt_";
constexpr std::string_view suffix = ".ckpt";

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// N of hpc_ckpt_N.ckpt, or -1.
int64_t number_of(const std::string& name)
{
    int64_t number = -1;
    if (!name.starts_with(prefix) || !name.ends_with(suffix))
        return -1;
    const auto* begin = name.data() + prefix.size();
    const auto* end = name.data() + name.size() - suffix.size();
    const auto read = std::from_chars(begin, end, number);
    return read.ec == std::errc() && read.ptr == end ? number : -1;
}

int64_t highest_number(FileSystem& files, const FileSystem::path& folder)
{
    int64_t highest = -1;
    for (const auto& file : files.list(folder))
        highest = std::max(highest, number_of(file.filename().string()));
    return highest;
}

FileSystem::path hpc_checkpoint(const FileSystem::path& folder, int64_t number)
{
    return folder / fmt::format("{}{}{}", prefix, number, suffix);
}
} // namespace

std::optional<SlurmJob> SlurmJob::detect()
{
    const auto name = variable("SLURM_JOB_NAME");
    if (variable("SLURM_NTASKS").empty() || name == "bash" || name == "interactive")
        return {};
    SlurmJob job;
    const auto array = variable("SLURM_ARRAY_JOB_ID");
    const auto task = variable("SLURM_ARRAY_TASK_ID");
    job.id_ = array.empty() || task.empty() ? variable("SLURM_JOB_ID") : array + "_" + task;
    return job;
}

std::string SlurmJob::requeue() const
{
    std::string program = "scontrol";
    std::string verb = "requeue";
    std::string id = id_;
    char* const arguments[] = {program.data(), verb.data(), id.data(), nullptr};
    pid_t child = 0;
    if (const int error = posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments, environ); error != 0)
        return fmt::format("scontrol could not be started: {}", std::generic_category().message(error));
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return fmt::format("scontrol was lost: {}", std::generic_category().message(errno));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return WIFEXITED(status) ? fmt::format("scontrol requeue {} ended with exit code {}", id_, WEXITSTATUS(status))
                             : fmt::format("scontrol requeue {} was killed", id_);
}

std::optional<FileSystem::path> newest_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder)
{
    const auto number = highest_number(files, folder);
    return number < 0 ? std::nullopt : std::optional(hpc_checkpoint(folder, number));
}

FileSystem::path next_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder)
{
    return hpc_checkpoint(folder, std::max<int64_t>(highest_number(files, folder), 0) + 1);
}

} // namespace leyden
