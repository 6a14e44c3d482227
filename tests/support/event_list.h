// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trainer/run_observer.h"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace leyden::test {

/// Keeps what a run tells, and may act on it. Thread-safe.
class EventList final : public RunObserver
{
public:
    std::function<void(const RunEvent&)> then; ///< called with each event, on the thread that tells
                                               ///< it

    void on_event(const RunEvent& event) override
    {
        {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
        }
        if (then)
            then(event);
    }
    template <class Event> std::vector<Event> all() const
    {
        const std::lock_guard lock(mutex_);
        std::vector<Event> found;
        for (const auto& event : events_) {
            if (const auto* one = std::get_if<Event>(&event))
                found.push_back(*one);
        }
        return found;
    }
    /// Texts of the messages at least as grave as `least` that contain `part`.
    std::vector<std::string> messages(
        std::string_view part = {}, MessageEvent::Level least = MessageEvent::Level::Debug) const
    {
        std::vector<std::string> texts;
        for (const auto& message : all<MessageEvent>()) {
            if (message.level >= least && message.text.find(part) != std::string::npos)
                texts.push_back(message.text);
        }
        return texts;
    }
    std::vector<std::string> warnings(std::string_view part = {}) const
    {
        return messages(part, MessageEvent::Level::Warning);
    }

private:
    mutable std::mutex mutex_;
    std::vector<RunEvent> events_;
};

} // namespace leyden::test
