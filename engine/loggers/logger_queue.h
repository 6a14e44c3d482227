// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/loggers/logger.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

namespace leyden {

/// One writer thread for one logger, so that training never waits for a disk.
///
/// Wakes:     the writer is woken by the first row that waits and collects for 10 ms, so that a row
///            costs training no system call; flush() and finalize() do not wait for that.
/// When full: at 64 MiB of rows that wait, further rows are dropped, counted and told.
/// Errors: the first failed write is reported once, and again when the state changes; training goes
/// on.
class LEYDEN_API LoggerQueue
{
public:
    /// What the writer has to say: text of a warning, or "" when writing works again. Any thread.
    using Report = std::function<void(std::string)>;

    LoggerQueue(Logger& logger, Report report);
    ~LoggerQueue(); ///< writes what waits, then ends
    LoggerQueue(const LoggerQueue&) = delete;
    LoggerQueue& operator=(const LoggerQueue&) = delete;

    bool log_metrics(MetricRow row); ///< false: the row was dropped
    void log_hyperparams(StateTree hparams);
    void finalize(LoggerStatus status); ///< waits until everything is written
    void flush(); ///< waits until everything so far is written and on the disk; any thread
    int64_t dropped() const;
    bool is_failing() const;

private:
    using Job = std::variant<MetricRow, StateTree, LoggerStatus>;
    bool push(Job job, size_t bytes);
    void work();
    void write(const Job& job);

    Logger& logger_;
    Report report_;
    mutable std::mutex mutex_;
    std::condition_variable has_work_;
    std::condition_variable is_synced_;
    std::deque<std::pair<Job, size_t>> jobs_;
    size_t waiting_bytes_ = 0;
    int flushing_ = 0;    ///< how many wait in flush()
    uint64_t pushed_ = 0; ///< jobs so far
    uint64_t synced_ = 0; ///< of these, written and synced, or tried in vain
    bool is_dropping_ = false;
    bool is_ending_ = false;
    bool is_failing_ = false;
    int64_t dropped_ = 0;
    std::thread thread_;
};

} // namespace leyden
