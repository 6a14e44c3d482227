// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/checkpoint_list.h"

#include "widgets/metrics/metric_store.h"

#include <QFileInfo>

namespace leyden::app {

void CheckpointList::begin(
    const QList<ui::CheckpointEntry>& before, const QList<WatchedMetric>& watched)
{
    m_entries = before;
    m_watched = watched;
    m_monitor.clear();
    for (const auto& each : watched)
        if (each.isOfCheckpoints && m_monitor.isEmpty())
            m_monitor = each.name;
}

void CheckpointList::take(const QList<CheckpointNews>& news)
{
    for (const auto& each : news) {
        m_entries.removeIf(
            [&](const ui::CheckpointEntry& entry) { return entry.path == each.path; });
        if (each.isRemoved)
            continue;
        ui::CheckpointEntry entry;
        entry.name = QFileInfo(each.path).fileName();
        entry.path = each.path;
        entry.epoch = each.epoch;
        entry.step = each.step;
        entry.value = each.value;
        entry.bytes = each.bytes;
        entry.isLast = ui::isNameOfLast(entry.name);
        if (!each.monitor.isEmpty())
            m_monitor = each.monitor;
        m_entries.append(entry);
    }
    auto mode = ui::guessedMode(m_monitor).value_or(ui::MetricMode::Min);
    for (const auto& each : m_watched)
        if (each.name == m_monitor)
            mode = each.mode;
    markBest(m_entries, mode);
}

const ui::CheckpointEntry* CheckpointList::newestUpTo(double step) const
{
    const ui::CheckpointEntry* newest = nullptr;
    for (const auto& entry : m_entries)
        if (entry.step > 0.0 && entry.step <= step && (!newest || entry.step >= newest->step))
            newest = &entry;
    return newest;
}

} // namespace leyden::app
