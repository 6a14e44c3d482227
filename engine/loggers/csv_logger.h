// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/loggers/csv_logger_options.h"
#include "engine/loggers/logger.h"

#include <memory>
#include <string>
#include <vector>

namespace leyden {

/// Writes metrics.csv: a row for each dict, columns sorted by name, a wider header when a new name
/// comes.
///
/// Format: float32 widened to double and printed as Python's repr does; lines end with CR LF, as
///         Python's csv module writes them.
/// Source: PyTorch Lightning 2.6, loggers/csv_logs.py.
class LEYDEN_API CSVLogger final : public Logger
{
public:
    explicit CSVLogger(CSVLoggerOptions options);

    std::string name() const override { return options_.name; }
    std::string version() const override { return version_; }
    std::filesystem::path log_dir() const override { return log_dir_; }
    void open(FileSystem& files, const std::filesystem::path& root,
        const std::filesystem::path& run_dir) override;
    void resume_at(int64_t rows) override;
    void log_metrics(const MetricRow& row) override;
    void log_hyperparams(const StateTree& hparams) override;
    void save() override;
    void sync() override;
    void finalize(LoggerStatus status) override;

private:
    using Cells = std::vector<std::pair<std::string, std::string>>; ///< column -> text
    void write_all(const std::vector<Cells>& rows);
    std::string line_of(const Cells& cells) const;
    std::filesystem::path metrics_file() const { return log_dir_ / "metrics.csv"; }

    CSVLoggerOptions options_;
    FileSystem* files_ = nullptr;
    std::filesystem::path log_dir_;
    std::string version_;
    std::vector<std::string> columns_; ///< sorted
    std::vector<Cells> waiting_;
    std::unique_ptr<AppendFile> file_;
};

/// Makes `<parent>/version_N`, N one above the highest there; two processes never get the same.
LEYDEN_API std::filesystem::path make_version_folder(
    FileSystem& files, const std::filesystem::path& parent);

} // namespace leyden
