// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/profilers/profiler.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace leyden {
namespace {

/// What some file system does not take becomes "_", and several of them one.
std::string safe_name(const std::string& name)
{
    std::string safe;
    for (const char c : name) {
        const bool is_bad = (c >= 0 && c < ' ')
            || std::string_view("\\/:*?\"<>|_\x7f").find(c) != std::string_view::npos;
        if (!is_bad)
            safe += c;
        else if (safe.empty() || safe.back() != '_')
            safe += '_';
    }
    return safe;
}

} // namespace

Profiler::Profiler(std::filesystem::path dirpath, std::string filename)
    : dirpath_(std::move(dirpath)), filename_(std::move(filename))
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
    std::transform(upper.begin(), upper.end(), upper.begin(),
        [](unsigned char c) { return char(std::toupper(c)); });
    return (upper.empty() ? "" : upper + " ") + "Profiler Report\n" + summary();
}

std::filesystem::path Profiler::report_file(
    const std::filesystem::path& root, const std::filesystem::path& run_folder) const
{
    if (dirpath_.empty() && run_folder.empty() && filename_.empty())
        return {};
    const auto folder = !dirpath_.empty() ? root / dirpath_
        : run_folder.empty()              ? root
                                          : run_folder / "profiler";
    const auto* between = stage_.empty() || filename_.empty() ? "" : "-";
    return folder / (safe_name(stage_ + between + filename_) + ".txt");
}

} // namespace leyden
