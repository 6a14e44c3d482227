// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "app/studio/session/run_history.h"
#include "widgets/runs/checkpoint_model.h"

namespace leyden::app {

/// The checkpoints of a run, kept from its folder and from what it tells.
class CheckpointList final
{
public:
    /// `watched`: what the run's callbacks watch; it says whether more or less is better.
    void begin(const QList<ui::CheckpointEntry>& before, const QList<WatchedMetric>& watched);
    void take(const QList<CheckpointNews>& news);
    const QList<ui::CheckpointEntry>& entries() const { return m_entries; }
    /// The newest one of at most `step` steps; null: none.
    const ui::CheckpointEntry* newestUpTo(double step) const;
    QString monitor() const { return m_monitor; }

private:
    QList<ui::CheckpointEntry> m_entries;
    QList<WatchedMetric> m_watched;
    QString m_monitor;
};

} // namespace leyden::app
