// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loggers/logger_queue.h"

#include <chrono>
#include <exception>
#include <utility>

namespace leyden {
namespace {
constexpr size_t most_waiting_bytes = size_t(64) << 20;
constexpr auto collect_period = std::chrono::milliseconds(10);
constexpr auto sync_period = std::chrono::seconds(1);

size_t bytes_of(const MetricRow& row)
{
    size_t bytes = sizeof(MetricRow);
    for (const auto& value : row.values)
        bytes += sizeof(value) + value.name.size();
    return bytes;
}
} // namespace

LoggerQueue::LoggerQueue(Logger& logger, Report report)
    : logger_(logger), report_(std::move(report)), thread_([this] { work(); })
{
}

LoggerQueue::~LoggerQueue()
{
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    has_work_.notify_one();
    thread_.join();
}

bool LoggerQueue::push(Job job, size_t bytes)
{
    std::unique_lock lock(mutex_);
    if (waiting_bytes_ + bytes > most_waiting_bytes) {
        ++dropped_;
        const bool is_told = std::exchange(is_dropping_, true);
        lock.unlock();
        if (!is_told)
            report_("it is too slow: 64 MiB of rows wait, and rows are dropped until there is room "
                    "again");
        return false;
    }
    is_dropping_ = false;
    const bool is_first = jobs_.empty();
    waiting_bytes_ += bytes;
    ++pushed_;
    jobs_.emplace_back(std::move(job), bytes);
    lock.unlock();
    if (is_first)
        has_work_.notify_one();
    return true;
}

bool LoggerQueue::log_metrics(MetricRow row)
{
    const auto bytes = bytes_of(row);
    return push(std::move(row), bytes);
}

void LoggerQueue::log_hyperparams(StateTree hparams)
{
    push(std::move(hparams), 0);
}

void LoggerQueue::finalize(LoggerStatus status)
{
    push(status, 0);
    flush();
}

void LoggerQueue::flush()
{
    std::unique_lock lock(mutex_);
    ++flushing_;
    has_work_.notify_one();
    is_synced_.wait(lock, [this, goal = pushed_] { return synced_ >= goal; });
    --flushing_;
}

int64_t LoggerQueue::dropped() const
{
    const std::lock_guard lock(mutex_);
    return dropped_;
}

bool LoggerQueue::is_failing() const
{
    const std::lock_guard lock(mutex_);
    return is_failing_;
}

void LoggerQueue::write(const Job& job)
{
    if (const auto* row = std::get_if<MetricRow>(&job)) {
        logger_.log_metrics(*row);
    } else if (const auto* hparams = std::get_if<StateTree>(&job)) {
        logger_.log_hyperparams(*hparams);
    } else {
        logger_.save();
        logger_.sync();
        logger_.finalize(std::get<LoggerStatus>(job));
    }
}

void LoggerQueue::work()
{
    auto last_sync = std::chrono::steady_clock::now();
    bool is_dirty = false;
    uint64_t written = 0;
    std::unique_lock lock(mutex_);
    const auto has_task
        = [&] { return is_ending_ || !jobs_.empty() || (flushing_ > 0 && synced_ < written); };
    for (;;) {
        // Rows that are written but not synced yet must reach the disk within a second, new rows or
        // not.
        if (is_dirty)
            has_work_.wait_until(lock, last_sync + sync_period, has_task);
        else
            has_work_.wait(lock, has_task);
        has_work_.wait_for(lock, collect_period, [this] { return is_ending_ || flushing_ > 0; });
        if (is_ending_ && jobs_.empty())
            return;
        auto jobs = std::exchange(jobs_, {});
        const bool is_urgent = flushing_ > 0;
        lock.unlock();

        std::string failure;
        for (const auto& [job, bytes] : jobs) {
            try {
                write(job);
                is_dirty = true;
            } catch (const std::exception& error) {
                failure = error.what();
            }
        }
        written += jobs.size();
        const auto now = std::chrono::steady_clock::now();
        try {
            logger_.save();
            if (is_dirty && (is_urgent || now - last_sync >= sync_period)) {
                logger_.sync();
                last_sync = now;
                is_dirty = false;
            }
        } catch (const std::exception& error) {
            failure = error.what();
            last_sync = now; // tried again with the next rows, or in a second
        }

        lock.lock();
        for (const auto& [job, bytes] : jobs)
            waiting_bytes_ -= bytes;
        const bool was_failing = std::exchange(is_failing_, !failure.empty());
        if (was_failing != is_failing_ && (is_failing_ || !jobs.empty())) {
            lock.unlock();
            report_(failure);
            lock.lock();
        }
        if (is_urgent || !is_dirty) {
            synced_ = written;
            is_synced_.notify_all();
        }
    }
}

} // namespace leyden
