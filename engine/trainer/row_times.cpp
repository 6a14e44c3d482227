// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/row_times.h"

#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <string_view>
#include <utility>

namespace leyden {
namespace {
constexpr const char* header = "row,wall_s,active_s\n";
} // namespace

void RowTimes::open(FileSystem& files, const std::filesystem::path& folder, bool is_resumed)
{
    file_ = folder / "times.csv";
    if (is_resumed && files.exists(file_))
        before_ = files.read(file_);
    is_started_ = !before_.empty();
}

void RowTimes::cut_at(int64_t row)
{
    is_placed_ = true;
    if (before_.empty())
        return;
    std::string kept = header;
    std::string_view rest = before_;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string line(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        Time time;
        long long number = 0;
        if (std::sscanf(line.c_str(), "%lld,%lf,%lf", &number, &time.wall, &time.active) != 3)
            continue; // the header
        if (number >= row)
            break;
        kept += line + "\n";
        wall_offset_ = time.wall;
        active_offset_ = time.active;
    }
    if (kept != before_) {
        waiting_.is_cut = true;
        waiting_.old_text = std::move(before_);
        waiting_.kept = std::move(kept);
    }
    before_.clear();
}

void RowTimes::add(const RowEvent& row)
{
    if (row.row < 0)
        return; // no logger writes it
    if (!is_placed_)
        cut_at(row.row);
    if (!std::exchange(is_started_, true))
        waiting_.lines += header;
    waiting_.lines += fmt::format("{},{:.6f},{:.6f}\n", row.row, wall_offset_ + row.seconds,
        active_offset_ + row.active_seconds);
}

RowTimes::Waiting RowTimes::take()
{
    return std::exchange(waiting_, {});
}

void RowTimes::put_back(Waiting waiting)
{
    if (waiting.empty())
        return; // what came meanwhile may begin with a cut
    waiting.lines += waiting_.lines;
    waiting_ = std::move(waiting);
}

void RowTimes::write(FileSystem& files, Waiting& waiting)
{
    if (waiting.is_cut) { // later rows move aside, none is lost
        int number = 0;
        auto aside = file_;
        do {
            aside = file_.parent_path() / fmt::format("times.csv.{}.old", number++);
        } while (files.exists(aside));
        files.write_atomic(aside, waiting.old_text);
        append_.reset();
        files.write_atomic(file_, waiting.kept);
        waiting = {.lines = std::move(waiting.lines)};
    }
    if (waiting.lines.empty())
        return;
    if (!append_)
        append_ = files.open_append(file_);
    append_->append(waiting.lines);
    waiting.lines.clear();
}

void RowTimes::sync()
{
    if (append_)
        append_->sync();
}

} // namespace leyden
