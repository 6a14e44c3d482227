// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/state_snapshot.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace leyden {

/// What became of a checkpoint that was to be written.
struct CheckpointOutcome
{
    enum class Result { Written, Failed, Overtaken };
    Result result = Result::Written;
    std::string failure{};                        ///< one sentence
    int64_t bytes = 0;                            ///< of the file
    std::vector<std::filesystem::path> removed{}; ///< of those that it replaced
    std::vector<std::string> remove_failures{};
};

/// A checkpoint to be written: a state, or a link to an earlier file.
struct CheckpointJob
{
    std::filesystem::path file{};
    StateTree state{};
    std::filesystem::path link_to{};               ///< not empty: relative to the file's folder,
                                                   ///< instead of a state
    std::vector<std::filesystem::path> replaces{}; ///< files that go once this one is safe
    /// Not null: while it waits, a newer job of the same series takes its place (`last`).
    const void* series = nullptr;
    std::function<void(const CheckpointOutcome&)> done{}; ///< called by deliver()
};

/// Writes checkpoints on a thread of its own, one after the other, so that training waits for a
/// copy of the state in memory and not for the disk.
///
/// When full: one group is written while one waits; a further submit() waits until the first is
///            done. Memory: two copies of the state.
/// Order:     of submit(). A file is replaced only when the new one is safe; where that fails, or a
///            newer one overtakes it, the files that it would have replaced are left to the job
///            that replaces it.
/// Threads:   one thread owns it. `before_write` and the file system are used on the writer's
///            thread.
class LEYDEN_API CheckpointWriter
{
public:
    /// before_write: what must be on the disk before a checkpoint is (rows of metrics). on_news:
    /// has_news() became true; any thread.
    explicit CheckpointWriter(FileSystem& files, std::function<void()> before_write = {},
        std::function<void()> on_news = {});
    ~CheckpointWriter(); ///< writes what waits
    CheckpointWriter(const CheckpointWriter&) = delete;
    CheckpointWriter& operator=(const CheckpointWriter&) = delete;

    /// Copies the states, which may change after it returns. Where they cannot be copied (no
    /// memory) they are written before it returns.
    void submit(std::vector<CheckpointJob> jobs);
    bool has_news() const { return has_news_.load(std::memory_order_acquire); }
    void deliver(); ///< calls `done` of the jobs that ended
    void drain();   ///< waits until all is written, and delivers
    /// Whether the file will be there once all is written.
    bool will_exist(const std::filesystem::path& file);

private:
    struct Task
    {
        CheckpointJob job;
        enum class Phase { Waiting, Writing, Ended } phase = Phase::Waiting;
    };
    struct Group
    {
        std::vector<Task> tasks;
        std::unique_ptr<StateSnapshot> memory;
        bool is_open = false; ///< the writer is at it
    };

    void work();
    CheckpointOutcome carry_out(const CheckpointJob& job);
    void end(Task& task, CheckpointOutcome outcome);              ///< under the lock
    void hand_down(const CheckpointJob& from, const Task* after); ///< under the lock
    void overtake(const std::vector<CheckpointJob>& newer);       ///< under the lock

    FileSystem& files_;
    std::function<void()> before_write_;
    std::function<void()> on_news_;
    std::atomic<bool> has_news_{false};
    std::mutex mutex_;
    std::condition_variable has_work_;
    std::condition_variable has_room_;
    std::list<Group> groups_; ///< the oldest first
    std::vector<std::unique_ptr<StateSnapshot>> free_memory_;
    std::vector<std::pair<std::function<void(const CheckpointOutcome&)>, CheckpointOutcome>> ended_;
    /// What files that were never written would have replaced; until their end is delivered.
    std::map<std::filesystem::path, std::vector<std::filesystem::path>> left_over_;
    bool is_ending_ = false;
    std::thread thread_; ///< from the first submit() on
};

} // namespace leyden
