// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_writer.h"

#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <utility>

namespace leyden {
namespace {
using path = std::filesystem::path;
using Result = CheckpointOutcome::Result;

constexpr size_t most_groups = 2; ///< the one that is written, the one that waits

void add_missing(std::vector<path>& to, const std::vector<path>& from, const path& except)
{
    for (const auto& file : from) {
        if (file != except && std::find(to.begin(), to.end(), file) == to.end())
            to.push_back(file);
    }
}

/// Copies the jobs' states into `memory`; what several of them hold is copied once.
void copy_states(std::vector<CheckpointJob>& jobs, StateSnapshot& memory)
{
    auto states = StateTree::list();
    for (auto& job : jobs)
        states.push_back(std::move(job.state));
    auto copies = memory.take(states);
    for (size_t i = 0; i < jobs.size(); ++i)
        jobs[i].state = std::move(copies.items()[i]);
}
} // namespace

CheckpointWriter::CheckpointWriter(
    FileSystem& files, std::function<void()> before_write, std::function<void()> on_news)
    : files_(files), before_write_(std::move(before_write)), on_news_(std::move(on_news))
{
    for (size_t i = 0; i < most_groups; ++i)
        free_memory_.push_back(std::make_unique<StateSnapshot>());
}

CheckpointWriter::~CheckpointWriter()
{
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    has_work_.notify_one();
    thread_.join();
}

void CheckpointWriter::submit(std::vector<CheckpointJob> jobs)
{
    if (jobs.empty())
        return;
    if (!thread_.joinable())
        thread_ = std::thread([this] { work(); });
    std::unique_lock lock(mutex_);
    overtake(jobs);
    has_room_.wait(lock, [this] { return groups_.size() < most_groups; });
    Group group;
    group.memory = std::move(free_memory_.back());
    free_memory_.pop_back();
    lock.unlock();

    auto live = jobs; // the tensors are shared
    bool is_copied = true;
    try {
        copy_states(jobs, *group.memory);
    } catch (const CheckpointError&) { // no checkpoint can hold that: the writer says which
        is_copied = false;
    } catch (const c10::Error&) { // no memory
        is_copied = false;
    } catch (const std::bad_alloc&) {
        is_copied = false;
    }
    if (!is_copied)
        jobs = std::move(live);
    live.clear();
    for (auto& job : jobs)
        group.tasks.push_back({std::move(job)});

    lock.lock();
    for (auto& task : group.tasks) {
        auto& replaces = task.job.replaces;
        for (const auto& [file, files] : left_over_) {
            if (std::find(replaces.begin(), replaces.end(), file) != replaces.end())
                add_missing(replaces, files, task.job.file);
        }
    }
    groups_.push_back(std::move(group));
    has_work_.notify_one();
    if (!is_copied)
        has_room_.wait(lock, [this] { return groups_.empty(); });
}

void CheckpointWriter::overtake(const std::vector<CheckpointJob>& newer)
{
    for (auto group = groups_.begin(); group != groups_.end();) {
        for (auto& task : group->tasks) {
            const bool is_older = task.phase == Task::Phase::Waiting && task.job.series
                && std::any_of(newer.begin(), newer.end(),
                    [&](const CheckpointJob& job) { return job.series == task.job.series; });
            if (is_older)
                end(task, {.result = Result::Overtaken});
        }
        const bool is_over = !group->is_open
            && std::all_of(group->tasks.begin(), group->tasks.end(),
                [](const Task& task) { return task.phase == Task::Phase::Ended; });
        if (is_over)
            free_memory_.push_back(std::move(group->memory));
        group = is_over ? groups_.erase(group) : std::next(group);
    }
}

void CheckpointWriter::end(Task& task, CheckpointOutcome outcome)
{
    task.phase = Task::Phase::Ended;
    task.job.state = {};
    if (outcome.result != Result::Written)
        hand_down(task.job, &task);
    ended_.emplace_back(std::move(task.job.done), std::move(outcome));
    if (!has_news_.exchange(true, std::memory_order_release) && on_news_)
        on_news_();
}

void CheckpointWriter::hand_down(const CheckpointJob& from, const Task* after)
{
    bool is_later = false;
    for (auto& group : groups_) {
        for (auto& task : group.tasks) {
            auto& replaces = task.job.replaces;
            if (is_later
                && std::find(replaces.begin(), replaces.end(), from.file) != replaces.end())
                add_missing(replaces, from.replaces, task.job.file);
            is_later = is_later || &task == after;
        }
    }
    add_missing(left_over_[from.file], from.replaces, {});
}

CheckpointOutcome CheckpointWriter::carry_out(const CheckpointJob& job)
{
    CheckpointOutcome outcome;
    try {
        if (!job.link_to.empty()) {
            if (!files_.exists(job.file.parent_path() / job.link_to))
                throw FileError("cannot link '" + job.file.string()
                    + "': the checkpoint that it is to name is missing");
            files_.replace_link(job.link_to, job.file);
        } else {
            if (before_write_)
                before_write_();
            save_checkpoint_file(files_, job.file, job.state);
        }
    } catch (const c10::Error& error) {
        outcome.failure = error.what_without_backtrace();
    } catch (const std::exception& error) {
        outcome.failure = error.what();
    }
    if (!outcome.failure.empty()) {
        outcome.result = Result::Failed;
        return outcome;
    }
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(job.file, ignored);
    outcome.bytes = ignored ? 0 : int64_t(bytes);
    for (const auto& file : job.replaces) {
        try {
            files_.remove(file);
            outcome.removed.push_back(file);
        } catch (const std::exception& error) {
            outcome.remove_failures.emplace_back(error.what());
        }
    }
    return outcome;
}

void CheckpointWriter::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        has_work_.wait(lock, [this] { return is_ending_ || !groups_.empty(); });
        if (groups_.empty())
            return;
        auto& group = groups_.front();
        group.is_open = true;
        for (auto& task : group.tasks) {
            if (task.phase != Task::Phase::Waiting)
                continue;
            task.phase = Task::Phase::Writing;
            lock.unlock();
            auto outcome = carry_out(task.job);
            lock.lock();
            end(task, std::move(outcome));
        }
        free_memory_.push_back(std::move(group.memory));
        groups_.pop_front();
        has_room_.notify_all();
    }
}

void CheckpointWriter::deliver()
{
    std::unique_lock lock(mutex_);
    has_news_.store(false, std::memory_order_relaxed);
    const auto ended = std::exchange(ended_, {});
    left_over_.clear();
    lock.unlock();
    for (const auto& [done, outcome] : ended) {
        if (done)
            done(outcome);
    }
}

void CheckpointWriter::drain()
{
    {
        std::unique_lock lock(mutex_);
        has_room_.wait(lock, [this] { return groups_.empty(); });
    }
    deliver();
}

bool CheckpointWriter::will_exist(const path& file)
{
    {
        const std::lock_guard lock(mutex_);
        for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
            for (auto task = group->tasks.rbegin(); task != group->tasks.rend(); ++task) {
                if (task->phase == Task::Phase::Ended)
                    continue;
                const auto& replaces = task->job.replaces;
                if (std::find(replaces.begin(), replaces.end(), file) != replaces.end())
                    return false;
                if (task->job.file == file)
                    return true;
            }
        }
    }
    return files_.exists(file);
}

} // namespace leyden
