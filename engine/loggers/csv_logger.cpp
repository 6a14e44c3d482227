// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loggers/csv_logger.h"

#include "engine/config/path_roots.h"
#include "engine/core/csv_lines.h"
#include "engine/core/number_text.h"
#include "engine/loggers/hparams_yaml.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace leyden {

void describe(OptionTable<CSVLoggerOptions>& table)
{
    using Options = CSVLoggerOptions;
    table.add("save_dir", &Options::save_dir, "Folder that holds the runs").output_path();
    table.add("name", &Options::name,
        "Name of the run series: a folder in save_dir; empty leaves the level out");
    table
        .add("version", &Options::version,
            "Folder of this run; unset: version_N, one above the highest there")
        .advanced();
    table.add("prefix", &Options::prefix, "Text put before every metric's name, joined with \"-\"")
        .advanced();
    table
        .add("flush_logs_every_n_steps", &Options::flush_logs_every_n_steps,
            "Rows are written at once anyway; kept for Lightning's configs")
        .at_least(1)
        .advanced();
}

std::filesystem::path make_version_folder(FileSystem& files, const std::filesystem::path& parent)
{
    files.create_directories(parent);
    int64_t next = 0;
    for (const auto& entry : files.list(parent)) {
        const auto text = entry.filename().string();
        constexpr std::string_view prefix = "version_";
        int64_t number = -1;
        if (text.starts_with(prefix)) {
            const auto* end = text.data() + text.size();
            if (std::from_chars(text.data() + prefix.size(), end, number).ptr == end)
                next = std::max(next, number + 1);
        }
    }
    while (!files.create_directory_exclusive(parent / fmt::format("version_{}", next)))
        ++next;
    return parent / fmt::format("version_{}", next);
}

CSVLogger::CSVLogger(CSVLoggerOptions options) : options_(std::move(options))
{
    options_.save_dir = output_path(options_.save_dir, "CSVLogger: save_dir");
}

void CSVLogger::open(
    FileSystem& files, const std::filesystem::path& root, const std::filesystem::path& run_dir)
{
    files_ = &files;
    const auto parent = (root / options_.save_dir / options_.name).lexically_normal();
    if (!run_dir.empty()) {
        files.create_directories(run_dir);
        log_dir_ = run_dir;
    } else if (options_.version) {
        const auto* number = std::get_if<int64_t>(&*options_.version);
        log_dir_ = parent
            / (number ? fmt::format("version_{}", *number)
                      : std::get<std::string>(*options_.version));
        files.create_directories(log_dir_);
    } else {
        log_dir_ = make_version_folder(files, parent);
    }
    version_ = log_dir_.filename().string();
    columns_.clear();
    waiting_.clear();
    file_.reset();
}

void CSVLogger::resume_at(int64_t rows)
{
    if (!files_->exists(metrics_file()))
        return;
    const auto text = files_->read(metrics_file());
    auto lines = read_csv_lines(text); // an unfinished last line is left out
    if (lines.empty())
        return;
    const auto header = lines.front();
    std::vector<Cells> kept;
    std::set<std::string> used{"step"};
    for (size_t i = 1; i < lines.size() && int64_t(i) <= rows; ++i) {
        Cells cells;
        for (size_t c = 0; c < header.size() && c < lines[i].size(); ++c) {
            if (!lines[i][c].empty()) {
                cells.emplace_back(header[c], lines[i][c]);
                used.insert(header[c]);
            }
        }
        kept.push_back(std::move(cells));
    }
    if (int64_t(lines.size()) - 1 > rows) { // later rows move aside, none is lost
        int number = 0;
        std::filesystem::path aside;
        do {
            aside = log_dir_ / fmt::format("metrics.csv.{}.old", number++);
        } while (files_->exists(aside));
        files_->write_atomic(aside, text);
    }
    columns_.assign(used.begin(), used.end());
    if (kept.empty()) {
        files_->remove(metrics_file());
        columns_.clear();
    } else {
        write_all(kept);
    }
}

void CSVLogger::log_metrics(const MetricRow& row)
{
    Cells cells;
    for (const auto& value : row.values) {
        const auto column
            = options_.prefix.empty() ? value.name : options_.prefix + "-" + value.name;
        cells.emplace_back(column,
            value.is_integer ? std::to_string(int64_t(value.value)) : python_repr(value.value));
    }
    cells.emplace_back("step", std::to_string(row.step));
    waiting_.push_back(std::move(cells));
}

std::string CSVLogger::line_of(const Cells& cells) const
{
    std::string line;
    for (const auto& column : columns_) {
        if (&column != columns_.data())
            line += ',';
        const auto found = std::find_if(
            cells.begin(), cells.end(), [&](const auto& cell) { return cell.first == column; });
        if (found != cells.end())
            line += csv_quoted(found->second);
    }
    return line + "\r\n";
}

void CSVLogger::write_all(const std::vector<Cells>& rows)
{
    file_.reset();
    Cells header;
    for (const auto& column : columns_)
        header.emplace_back(column, column);
    auto text = line_of(header);
    for (const auto& row : rows)
        text += line_of(row);
    files_->write_atomic(metrics_file(), text);
    file_ = files_->open_append(metrics_file());
}

void CSVLogger::save()
{
    if (waiting_.empty())
        return;
    std::set<std::string> names(columns_.begin(), columns_.end());
    for (const auto& row : waiting_) {
        for (const auto& cell : row)
            names.insert(cell.first);
    }
    if (names.size() != columns_.size() || !file_) {
        // A wider header: the file is written anew with the rows that it has.
        std::vector<Cells> rows;
        if (file_ && files_->exists(metrics_file())) {
            const auto lines = read_csv_lines(files_->read(metrics_file()));
            for (size_t i = 1; i < lines.size(); ++i) {
                Cells cells;
                for (size_t c = 0; c < columns_.size() && c < lines[i].size(); ++c)
                    cells.emplace_back(columns_[c], lines[i][c]);
                rows.push_back(std::move(cells));
            }
        }
        rows.insert(rows.end(), waiting_.begin(), waiting_.end());
        columns_.assign(names.begin(), names.end());
        write_all(rows);
    } else {
        std::string text;
        for (const auto& row : waiting_)
            text += line_of(row);
        file_->append(text);
    }
    waiting_.clear();
}

void CSVLogger::sync()
{
    if (file_)
        file_->sync();
}

void CSVLogger::log_hyperparams(const StateTree& hparams)
{
    files_->write_atomic(log_dir_ / "hparams.yaml", hparams_yaml(hparams));
}

void CSVLogger::finalize(LoggerStatus)
{
    save();
    sync();
}

} // namespace leyden
