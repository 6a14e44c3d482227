// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/run_controller.h"

#include "app/studio/bridge/event_queue.h"
#include "app/studio/bridge/run_worker.h"
#include "app/studio/bridge/thread_guard.h"
#include "app/studio/bridge/ui_cost_meter.h"
#include "engine/trainer/run_command_text.h"
#include "widgets/plots/paint_cost_meter.h"

#include <algorithm>
#include <csignal>

namespace leyden::app {

RunController::RunController(const Registry& registry, QObject* parent)
    : QObject(parent)
    , m_queue(std::make_unique<EventQueue>([this](bool isUrgent) {
        QMetaObject::invokeMethod(
            this, [this, isUrgent] { scheduleDrain(isUrgent); }, Qt::QueuedConnection);
    }))
    , m_worker(new RunWorker(registry, m_control, *m_queue))
{
    qRegisterMetaType<RunOrder>();
    qRegisterMetaType<RunEnd>();
    m_thread.setObjectName(QStringLiteral("run"));
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(this, &RunController::startRequested, m_worker, &RunWorker::run);
    connect(m_worker, &RunWorker::ended, this, &RunController::finish);
    m_drainTimer.setSingleShot(true);
    connect(&m_drainTimer, &QTimer::timeout, this, &RunController::drain);
    m_sinceDrain.start();
    m_thread.start();
}

RunController::~RunController()
{
    if (isActive())
        m_control.interrupt(SIGTERM); // saves, and ends even inside an evaluation
    m_control.resume();
    m_thread.quit();
    m_thread.wait();
}

bool RunController::start(const RunOrder& order)
{
    if (isActive())
        return false;
    m_control.clear();
    m_queue->takeAll(); // nothing of the last run is told as of this one
    m_order = order;
    m_progress = {};
    m_folder.clear();
    m_drainCostMs = 0.0;
    m_spentSeconds = UiCostMeter::threadSeconds();
    m_pace.clear();
    m_stopWanted.reset();
    setPauseWanted(false);
    setPhase(RunPhase::Starting);
    Q_EMIT started(m_order);
    Q_EMIT startRequested(m_order);
    return true;
}

void RunController::pause()
{
    if (m_phase != RunPhase::Starting && m_phase != RunPhase::Running)
        return;
    m_control.pause();
    setPauseWanted(true);
}

void RunController::resume()
{
    if (!m_isPauseWanted)
        return;
    m_control.resume();
    setPauseWanted(false);
}

void RunController::stop(StopVerb verb)
{
    if (!isActive())
        return;
    m_control.send(StopCommand{verb});
    m_stopWanted = verb;
    if (m_isPauseWanted && !ends_pause(verb))
        return; // it has to train on until then: Resume says when
    setPauseWanted(false);
    setPhase(RunPhase::Stopping);
}

void RunController::checkpointNow()
{
    if (isActive())
        m_control.send(CheckpointCommand{});
}

void RunController::validateNow()
{
    if (isActive())
        m_control.send(ValidateCommand{});
}

void RunController::setOption(const QString& option, double value)
{
    if (isActive())
        m_control.send(SetOptionCommand{option.toStdString(), value});
}

void RunController::scheduleDrain(bool isUrgent)
{
    const int interval = isUrgent
        ? m_baseIntervalMs // somebody pressed a button and looks for what it did
        : ui::PaintCostMeter::interval(m_drainCostMs, m_baseIntervalMs);
    const int wait = std::max(0, interval - int(m_sinceDrain.elapsed()));
    if (!m_drainTimer.isActive() || m_drainTimer.remainingTime() > wait)
        m_drainTimer.start(wait);
}

void RunController::drain()
{
    LEYDEN_ASSERT_WINDOW_THREAD();
    m_sinceDrain.start();
    take(toBatch(m_queue->takeAll()));
    // What the last drain brought has been laid out and painted by now: all of it counts.
    const double spent = UiCostMeter::threadSeconds();
    m_drainCostMs = 0.7 * m_drainCostMs + 0.3 * (spent - m_spentSeconds) * 1e3;
    m_spentSeconds = spent;
}

void RunController::take(const EventBatch& batch)
{
    for (const auto& folder : batch.folders) {
        m_folder = folder;
        Q_EMIT folderKnown(folder);
    }
    if (batch.progress) {
        m_progress = *batch.progress;
        m_pace.add(m_progress);
        if (m_phase == RunPhase::Starting)
            setPhase(RunPhase::Running);
    }
    for (const auto& each : batch.interventions) {
        if (each.event == QLatin1String("stop_failed")) {
            m_stopWanted.reset();
            setPauseWanted(m_control.is_paused());
            setPhase(m_control.is_paused() ? RunPhase::Paused : RunPhase::Running);
        }
        if (m_phase == RunPhase::Stopping)
            continue;
        if (each.event == QLatin1String("pause"))
            setPhase(RunPhase::Paused);
        else if (each.event == QLatin1String("resume"))
            setPhase(m_stopWanted ? RunPhase::Stopping : RunPhase::Running);
    }
    Q_EMIT drained(batch);
    if (batch.progress)
        Q_EMIT progressed(m_progress);
}

void RunController::finish(const RunEnd& end)
{
    m_drainTimer.stop();
    drain(); // all that was told comes before the end
    for (const auto& command : m_control.take())
        Q_EMIT cameTooLate(QString::fromStdString(came_too_late(command, "the run had ended")));
    if (!end.folder.isEmpty())
        m_folder = end.folder;
    setPauseWanted(false);
    m_stopWanted.reset();
    setPhase(RunPhase::Idle);
    Q_EMIT ended(end);
}

void RunController::setPhase(RunPhase phase)
{
    if (phase == m_phase)
        return;
    m_phase = phase;
    Q_EMIT phaseChanged(phase);
}

void RunController::setPauseWanted(bool isWanted)
{
    if (isWanted == m_isPauseWanted)
        return;
    m_isPauseWanted = isWanted;
    Q_EMIT pauseWantedChanged(isWanted);
}

} // namespace leyden::app
