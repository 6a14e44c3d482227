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
    is_urgent_ = true;
    has_work_.notify_one();
    is_idle_.wait(lock, [this] { return jobs_.empty() && !is_writing_; });
    is_urgent_ = false;
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
    std::unique_lock lock(mutex_);
    for (;;) {
        // Rows that are written but not synced yet must reach the disk within a second, new rows or
        // not.
        if (is_dirty)
            has_work_.wait_until(
                lock, last_sync + sync_period, [this] { return is_ending_ || !jobs_.empty(); });
        else
            has_work_.wait(lock, [this] { return is_ending_ || !jobs_.empty(); });
        has_work_.wait_for(lock, collect_period, [this] { return is_ending_ || is_urgent_; });
        if (is_ending_ && jobs_.empty())
            return;
        auto jobs = std::exchange(jobs_, {});
        is_writing_ = true;
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
        try {
            logger_.save();
            const auto now = std::chrono::steady_clock::now();
            if (is_dirty && now - last_sync >= sync_period) {
                logger_.sync();
                last_sync = now;
                is_dirty = false;
            }
        } catch (const std::exception& error) {
            failure = error.what();
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
        is_writing_ = false;
        if (jobs_.empty())
            is_idle_.notify_all();
    }
}

} // namespace leyden
