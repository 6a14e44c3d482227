// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/checkpoint_list.h"

#include "widgets/metrics/metric_store.h"

#include <QFileInfo>

namespace leyden::app {

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
        entry.isLast = entry.name == QLatin1String("last.ckpt");
        if (!each.monitor.isEmpty())
            m_monitor = each.monitor;
        m_entries.append(entry);
    }
    const bool isUp = ui::guessedMode(m_monitor) == ui::MetricMode::Max;
    const ui::CheckpointEntry* best = nullptr;
    for (const auto& entry : m_entries)
        if (entry.value == entry.value
            && (!best || (isUp ? entry.value > best->value : entry.value < best->value)))
            best = &entry;
    const auto path = best ? best->path : QString();
    for (auto& entry : m_entries)
        entry.isBest = !path.isEmpty() && entry.path == path;
}

const ui::CheckpointEntry* CheckpointList::newestUpTo(double step) const
{
    const ui::CheckpointEntry* newest = nullptr;
    for (const auto& entry : m_entries)
        if (entry.step <= step && (!newest || entry.step >= newest->step))
            newest = &entry;
    return newest;
}

} // namespace leyden::app
