// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/event_queue.h"

#include <utility>

namespace leyden::app {

void EventQueue::on_event(const RunEvent& event)
{
    const bool isUrgent = std::holds_alternative<InterventionEvent>(event)
        || std::holds_alternative<FolderEvent>(event);
    bool isNews = false;
    {
        const std::lock_guard lock(m_mutex);
        const bool isProgress = std::holds_alternative<ProgressEvent>(event);
        if (isProgress && !m_events.empty()
            && std::holds_alternative<ProgressEvent>(m_events.back()))
            m_events.back() = event;
        else
            m_events.push_back(event);
        isNews = !std::exchange(m_isNoticeInFlight, true);
        if (isUrgent)
            isNews = !std::exchange(m_isUrgentNoticeInFlight, true);
    }
    if (isNews)
        m_notify(isUrgent);
}

std::vector<RunEvent> EventQueue::takeAll()
{
    const std::lock_guard lock(m_mutex);
    m_isNoticeInFlight = m_isUrgentNoticeInFlight = false;
    return std::exchange(m_events, {});
}

} // namespace leyden::app
