// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_values.h"

#include <QObject>

#include <memory>

namespace leyden {
class Registry;
class RunControl;
class RunObserver;
} // namespace leyden

namespace leyden::app {

/// Carries runs out, one at a time, on the thread it lives on. What it is given outlives it.
class RunWorker final : public QObject
{
    Q_OBJECT

public:
    RunWorker(const Registry& registry, RunControl& control, RunObserver& observer);

public Q_SLOTS:
    /// Always ends with ended(), whatever goes wrong.
    void run(const leyden::app::RunOrder& order);

Q_SIGNALS:
    void ended(const leyden::app::RunEnd& end);

private:
    RunEnd carryOut(const RunOrder& order);

    const Registry& m_registry;
    RunControl& m_control;
    RunObserver& m_observer;
    int m_threads = 0; ///< of one operation, before the first run asked for another number
};

} // namespace leyden::app
