// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/profilers/profiler.h"

#include "engine/core/file_system.h"

#include <algorithm>
#include <cctype>

namespace leyden {
namespace {

/// What no file system takes becomes "_", and several of them one.
std::string safe_name(const std::string& name)
{
    std::string safe;
    for (const char c : name) {
        const bool is_bad = std::string_view("\\/:*?\"<>|\n\r\t_").find(c) != std::string_view::npos;
        if (!is_bad)
            safe += c;
        else if (safe.empty() || safe.back() != '_')
            safe += '_';
    }
    return safe;
}

} // namespace

Profiler::Profiler(std::filesystem::path dirpath, std::string filename)
    : dirpath_(std::move(dirpath))
    , filename_(std::move(filename))
{
}

Profiler::~Profiler() = default;

void Profiler::setup(std::string stage)
{
    stage_ = std::move(stage);
}

std::string Profiler::report() const
{
    auto upper = stage_;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return char(std::toupper(c)); });
    return (upper.empty() ? "" : upper + " ") + "Profiler Report\n" + summary();
}

std::filesystem::path Profiler::report_file(const std::filesystem::path& run_folder, int rank) const
{
    auto folder = dirpath_;
    if (folder.empty() && !run_folder.empty())
        folder = run_folder / "profiler";
    if (folder.empty() && filename_.empty())
        return {};
    std::string name;
    for (const auto& part : {stage_, filename_, std::to_string(rank)})
        if (!part.empty())
            name += (name.empty() ? "" : "-") + part;
    return folder / (safe_name(name) + ".txt");
}

void Profiler::write_report(FileSystem& files, const std::filesystem::path& file) const
{
    if (file.has_parent_path())
        files.create_directories(file.parent_path());
    files.open_append(file)->append(report());
}

} // namespace leyden
