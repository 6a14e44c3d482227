// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trainer/run_observer.h"

#include <functional>
#include <mutex>
#include <vector>

namespace leyden::app {

/// What a run tells, on its way to the window: any thread pushes, the window's takes all that
/// waits. At most one notice of a kind is in flight: the next comes after a take. What a person
/// waits for (the folder, the answer to a command) is urgent. Nothing is dropped; of progress only
/// the newest of a row is kept, for each holds all that there is to know.
class EventQueue final : public RunObserver
{
public:
    /// `notify` is called on the pushing thread, outside the lock.
    explicit EventQueue(std::function<void(bool isUrgent)> notify) : m_notify(std::move(notify)) { }

    void on_event(const RunEvent& event) override;
    std::vector<RunEvent> takeAll();

private:
    std::function<void(bool isUrgent)> m_notify;
    std::mutex m_mutex;
    std::vector<RunEvent> m_events;
    bool m_isNoticeInFlight = false;
    bool m_isUrgentNoticeInFlight = false;
};

} // namespace leyden::app
