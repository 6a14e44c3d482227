// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"
#include "widgets/runs/checkpoint_model.h"

namespace leyden::app {

/// The checkpoints of the run that goes on, kept from what it tells.
class CheckpointList final
{
public:
    void begin(const QList<ui::CheckpointEntry>& before) { m_entries = before; }
    void take(const QList<CheckpointNews>& news);
    const QList<ui::CheckpointEntry>& entries() const { return m_entries; }
    /// The newest one of at most `step` steps; null: none.
    const ui::CheckpointEntry* newestUpTo(double step) const;
    QString monitor() const { return m_monitor; }

private:
    QList<ui::CheckpointEntry> m_entries;
    QString m_monitor;
};

} // namespace leyden::app
