// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// The five ways to end a run by hand.
enum class StopVerb {
    AfterStep,       ///< leave right after the running batch; what was saved stays
    AfterEpoch,      ///< finish this epoch with its validation and checkpoints
    AfterCheckpoint, ///< leave as soon as the next checkpoint is written
    SaveAndStop,     ///< write checkpoints/stopped.ckpt, then leave; a resume loses nothing
    Discard,         ///< leave and delete the run folder
};
LEYDEN_API const char* to_string(StopVerb verb); ///< "after_step", ...
LEYDEN_API std::optional<StopVerb> stop_verb_from(std::string_view text);
/// Whether it lets a paused run go: to stop later, the run has to train on, which is for a hand to
/// say.
LEYDEN_API bool ends_pause(StopVerb verb);

struct StopCommand
{
    StopVerb verb = StopVerb::AfterStep;
};
struct CheckpointCommand
{
};
struct ValidateCommand
{
};
/// Changes one of: "lr" (all groups), "gradient_clip_val", "log_every_n_steps", "patience",
/// "max_epochs", "accumulate_grad_batches".
struct SetOptionCommand
{
    std::string option;
    double value = 0.0;
};
using RunCommand = std::variant<StopCommand, CheckpointCommand, ValidateCommand, SetOptionCommand>;

/// The one object of a run that other threads may touch. Commands take effect between two batches.
///
/// Thread-safe. interrupt() may be called from a signal handler.
class LEYDEN_API RunControl
{
public:
    void send(RunCommand command);
    void pause();
    void resume();
    bool is_paused() const { return paused_.load(std::memory_order_relaxed); }
    /// SIGINT or SIGTERM: save on_exception.ckpt, end gracefully with exit code 128 + signal.
    void interrupt(int signal) noexcept;
    int interrupted_by() const noexcept { return signal_.load(std::memory_order_relaxed); }

    // For the loop ------------------------------------------------------------------------------
    bool has_news() const { return news_.load(std::memory_order_acquire) || interrupted_by() != 0; }
    std::vector<RunCommand> take(); ///< commands that wait, in order
    /// Blocks while paused; returns early where a command or an interrupt arrives, or `has_news`
    /// says so (asked a few times a second).
    void wait_while_paused(const std::function<bool()>& has_news = {});
    bool holds(); ///< paused, and no stop waits that ends the pause
    /// Blocks while holds(), for a place where no command but a stop can be carried out; returns
    /// early where an interrupt arrives.
    void wait_while_held();
    void clear(); ///< before a new run

private:
    bool is_held() const; ///< under the lock

    std::atomic<bool> news_{false};
    std::atomic<bool> paused_{false};
    std::atomic<int> signal_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<RunCommand> commands_;
};

} // namespace leyden
