// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"
#include "engine/core/file_system.h"
#include "engine/trainer/row_times.h"
#include "engine/trainer/run_observer.h"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace leyden {

/// How the training went, beside whether the run failed: `outcome` and `checkpoint_saved` of
/// run.json.
struct RunVerdict
{
    std::string outcome{};                  ///< completed, stopped_early, diverged; empty: none
    std::optional<bool> checkpoint_saved{}; ///< unset: none was asked for
};

/// Keeps run.json, events.jsonl, log.txt and times.csv of a run folder (contract.md section 4) from
/// what the run tells. Writing happens on a thread of its own. Where it fails training goes on, what waits
/// is tried again, and a warning tells of each change.
class LEYDEN_API RunRecorder final : public RunObserver
{
public:
    /// next: also hears every event; may be null. facts: what run.json says from the start.
    RunRecorder(FileSystem& files, RunObserver* next, Json facts);
    ~RunRecorder() override;

    /// Opens the folder's files and writes the first run.json. Throws FileError.
    void open(const std::filesystem::path& folder, const Json& config, bool is_resumed,
        int64_t resumed_step);
    void on_event(const RunEvent& event) override;
    /// Writes the last run.json; `state` is finished, stopped or failed.
    void close(const std::string& state, int exit_code, const std::string& failure,
        const RunVerdict& verdict = {});
    const std::filesystem::path& folder() const { return folder_; }
    bool is_open() const { return log_ != nullptr; }
    bool has_checkpoints(); ///< that are still there

private:
    void work();
    void note(const MessageEvent& message);
    void write_waiting(std::unique_lock<std::mutex>& lock);
    void keep_checkpoints(); ///< what the run.json of before the resume says of them
    void note_checkpoint(const CheckpointEvent& event);
    void write_run_json();

    FileSystem& files_;
    RunObserver* next_;
    std::filesystem::path folder_;
    std::unique_ptr<AppendFile> log_;
    std::unique_ptr<AppendFile> events_;
    std::mutex mutex_;
    std::condition_variable has_work_;
    Json run_;
    std::string waiting_log_;
    std::string waiting_events_;
    RowTimes times_;
    bool is_run_changed_ = false;
    bool is_urgent_ = false;
    bool is_ending_ = false;
    bool is_failing_ = false;
    std::thread thread_;
};

/// {"host", "pid", "pid_start", "versions"} of this process.
LEYDEN_API Json process_facts();
/// Whether the process that a run.json names still runs on this machine; true for another host.
LEYDEN_API bool is_process_alive(const Json& run);
/// "2026-11-24T12:44:43.123Z"
LEYDEN_API std::string iso_time(double seconds_since_1970);

} // namespace leyden
