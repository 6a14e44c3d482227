// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_control.h"

#include "engine/trainer/run_observer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace leyden {
namespace {
constexpr std::array verbs{
    std::pair{StopVerb::AfterStep, "after_step"},
    std::pair{StopVerb::AfterEpoch, "after_epoch"},
    std::pair{StopVerb::AfterCheckpoint, "after_checkpoint"},
    std::pair{StopVerb::SaveAndStop, "save_and_stop"},
    std::pair{StopVerb::Discard, "discard"},
};
} // namespace

RunObserver::~RunObserver() = default;

const char* to_string(StopVerb verb)
{
    return verbs[size_t(verb)].second;
}

std::optional<StopVerb> stop_verb_from(std::string_view text)
{
    for (const auto& [verb, name] : verbs) {
        if (text == name)
            return verb;
    }
    return {};
}

bool ends_pause(StopVerb verb)
{
    return verb != StopVerb::AfterEpoch && verb != StopVerb::AfterCheckpoint;
}

void RunControl::send(RunCommand command)
{
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    news_.store(true, std::memory_order_release);
    changed_.notify_all();
}

void RunControl::pause()
{
    const std::lock_guard lock(mutex_);
    paused_ = true;
    news_.store(true, std::memory_order_release);
}

void RunControl::resume()
{
    const std::lock_guard lock(mutex_);
    paused_ = false;
    changed_.notify_all();
}

void RunControl::interrupt(int signal) noexcept
{
    signal_.store(signal, std::memory_order_relaxed); // no lock: a signal handler may be the caller
}

std::vector<RunCommand> RunControl::take()
{
    const std::lock_guard lock(mutex_);
    news_.store(paused_, std::memory_order_release);
    return std::exchange(commands_, {});
}

void RunControl::wait_while_paused(const std::function<bool()>& has_news)
{
    std::unique_lock lock(mutex_);
    // A signal handler cannot notify, so the wait looks up a few times a second.
    while (paused_ && commands_.empty() && interrupted_by() == 0 && !(has_news && has_news()))
        changed_.wait_for(lock, std::chrono::milliseconds(50));
}

bool RunControl::is_held() const
{
    return paused_
        && std::none_of(commands_.begin(), commands_.end(), [](const RunCommand& command) {
               const auto* stop = std::get_if<StopCommand>(&command);
               return stop && ends_pause(stop->verb);
           });
}

bool RunControl::holds()
{
    const std::lock_guard lock(mutex_);
    return is_held();
}

void RunControl::wait_while_held()
{
    std::unique_lock lock(mutex_);
    while (is_held() && interrupted_by() == 0)
        changed_.wait_for(lock, std::chrono::milliseconds(50));
}

void RunControl::clear()
{
    const std::lock_guard lock(mutex_);
    commands_.clear();
    paused_ = false;
    news_ = false;
    signal_ = 0;
}

} // namespace leyden
