// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/slurm.h"

#include "engine/core/errors.h"

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

} // namespace

std::optional<SlurmJob> SlurmJob::detect()
{
    const auto name = variable("SLURM_JOB_NAME");
    if (variable("SLURM_NTASKS").empty() || name == "bash" || name == "interactive")
        return {};
    SlurmJob job;
    const auto array = variable("SLURM_ARRAY_JOB_ID");
    const auto task = variable("SLURM_ARRAY_TASK_ID");
    const bool is_array = !array.empty() && !task.empty();
    job.id_ = is_array ? array + "_" + task : variable("SLURM_JOB_ID");
    if (job.id_.find_first_not_of("0123456789_") != std::string::npos)
        throw MisconfigurationError(fmt::format(
            "{} = '{}': expected a number, as SLURM sets it; unset it, or unset SLURM_NTASKS where "
            "this is no job of SLURM",
            is_array ? "SLURM_ARRAY_JOB_ID" : "SLURM_JOB_ID", is_array ? array : job.id_));
    if (job.id_.empty())
        return {}; // nothing that could be requeued
    const auto task_of_job = variable("SLURM_PROCID");
    job.is_main_task_ = task_of_job.empty() || task_of_job == "0";
    return job;
}

std::string SlurmJob::requeue() const
{
    std::string program = "scontrol";
    std::string verb = "requeue";
    std::string id = id_;
    char* const arguments[] = {program.data(), verb.data(), id.data(), nullptr};
    pid_t child = 0;
    if (const int error
        = posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments, environ);
        error != 0)
        return fmt::format(
            "scontrol could not be started: {}", std::generic_category().message(error));
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return fmt::format("scontrol was lost: {}", std::generic_category().message(errno));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return WIFEXITED(status)
        ? fmt::format("scontrol requeue {} ended with exit code {}", id_, WEXITSTATUS(status))
        : fmt::format("scontrol requeue {} was killed", id_);
}

std::vector<FileSystem::path> hpc_checkpoints(FileSystem& files, const FileSystem::path& folder)
{
    std::vector<FileSystem::path> found;
    for (const auto& file : files.list(folder))
        if (number_of(file.filename().string()) >= 0)
            found.push_back(file);
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return number_of(a.filename().string()) > number_of(b.filename().string());
    });
    return found;
}

FileSystem::path next_hpc_checkpoint(FileSystem& files, const FileSystem::path& folder)
{
    const auto found = hpc_checkpoints(files, folder);
    const auto last = found.empty() ? 0 : number_of(found.front().filename().string());
    return folder / fmt::format("{}{}{}", prefix, last + 1, suffix);
}

} // namespace leyden
