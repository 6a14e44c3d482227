// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

class FileSystem;

/// One dict of metrics handed to the loggers. `values` includes "epoch" where Lightning adds it (as
/// a whole number: is_integer). float32 values are widened to double.
struct MetricRow
{
    struct Value
    {
        std::string name;
        double value = 0.0;
        bool is_integer = false;
    };
    std::vector<Value> values{};
    int64_t step = 0;
};

enum class LoggerStatus { Success, Failed, Finished };

/// Receives metric rows and hyper-parameters. The Trainer calls it through a bounded queue, on a
/// writer thread of the logger's own, so an implementation may block.
/// Source: PyTorch Lightning 2.6, loggers/logger.py.
class LEYDEN_API Logger
{
public:
    virtual ~Logger();
    virtual std::string name() const = 0; ///< part of the folder, e.g.
                                          ///< "lightning_logs"
    /// E.g. "version_3"; known after open(). Empty: it has none.
    virtual std::string version() const { return {}; }
    /// save_dir/name/version_N; known after open(). Empty: it writes to no folder of its own.
    virtual std::filesystem::path log_dir() const { return {}; }
    /// Makes the run folder below `root` (for relative paths), or uses `run_dir` where it is not
    /// empty. On the trainer's thread, once a Trainer: later runs of it go on in that folder.
    virtual void open(FileSystem&, const std::filesystem::path&, const std::filesystem::path&) { }
    /// Resume in place: keeps the first `rows` rows and moves later ones aside, so that the file is
    /// that of one run which never stopped.
    virtual void resume_at(int64_t) { }
    virtual void log_metrics(const MetricRow& row) = 0;
    virtual void log_hyperparams(const StateTree&) { }
    virtual void save() { } ///< after the rows that wait were written
    virtual void sync() { } ///< to the disk; about once a second
    virtual void finalize(LoggerStatus) { }
};

} // namespace leyden
