// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/event_batch.h"
#include "app/studio/bridge/pace_meter.h"
#include "app/studio/bridge/run_values.h"
#include "engine/trainer/run_control.h"

#include <QElapsedTimer>
#include <QObject>
#include <QThread>
#include <QTimer>

#include <memory>
#include <optional>

namespace leyden {
class Registry;
}

namespace leyden::app {
class EventQueue;
class RunWorker;

enum class RunPhase { Idle, Starting, Running, Paused, Stopping };

/// The run as the window's thread sees it: commands go in as slots, batches of values come out as
/// signals, ten times a second at most. Owns the run's thread. One run at a time.
class RunController final : public QObject
{
    Q_OBJECT

public:
    /// `registry` outlives it.
    explicit RunController(const Registry& registry, QObject* parent = nullptr);
    ~RunController() override; ///< ends a run that is still on, and waits for it

    RunPhase phase() const { return m_phase; }
    bool isActive() const { return m_phase != RunPhase::Idle; }
    bool isPauseWanted() const { return m_isPauseWanted; } ///< holds from the next step on
    /// What was asked for to end the run, and waits for it.
    std::optional<StopVerb> stopWanted() const { return m_stopWanted; }
    const RunOrder& order() const { return m_order; } ///< of the current or last run
    const RunProgress& progress() const { return m_progress; }
    QString folder() const
    {
        return m_folder;
    } ///< of the current or last run; "" before it is made
    bool start(const RunOrder& order);                       ///< false: a run is on
    void setDrainInterval(int ms) { m_baseIntervalMs = ms; } ///< 100 at first

public Q_SLOTS:
    void pause();
    void resume();
    void stop(leyden::StopVerb verb);
    void checkpointNow();
    void validateNow();
    void setOption(const QString& option, double value);

Q_SIGNALS:
    void startRequested(const leyden::app::RunOrder& order);
    void phaseChanged(leyden::app::RunPhase phase);
    void pauseWantedChanged(bool isWanted);
    void started(const leyden::app::RunOrder& order);
    void folderKnown(const QString& folder);
    void drained(const leyden::app::EventBatch& batch);
    void progressed(const leyden::app::RunProgress& progress);
    void cameTooLate(const QString& sentence); ///< a command that reached the run no more
    void ended(const leyden::app::RunEnd& end);

private:
    void scheduleDrain(bool isUrgent);
    void drain();
    void take(const EventBatch& batch);
    void finish(const RunEnd& end);
    void setPhase(RunPhase phase);
    void setPauseWanted(bool isWanted);

    RunControl m_control;
    std::unique_ptr<EventQueue> m_queue;
    QThread m_thread;
    RunWorker* m_worker; // no parent: it lives on m_thread and dies with it
    QTimer m_drainTimer;
    QElapsedTimer m_sinceDrain;
    int m_baseIntervalMs = 100;
    double m_drainCostMs = 0.0;  // of a drain and the painting after it, of late
    double m_spentSeconds = 0.0; // processor time of the window's thread at the last drain
    RunPhase m_phase = RunPhase::Idle;
    bool m_isPauseWanted = false;
    std::optional<StopVerb> m_stopWanted;
    PaceMeter m_pace;
    RunOrder m_order;
    RunProgress m_progress;
    QString m_folder;
};

} // namespace leyden::app

Q_DECLARE_METATYPE(leyden::app::RunPhase)
