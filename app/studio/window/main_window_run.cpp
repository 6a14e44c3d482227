// SPDX-License-Identifier: GPL-3.0-or-later
// The window's part that has to do with runs: start, watch, stop, look at those of the past.
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/session/run_name.h"
#include "app/studio/session/trash.h"
#include "app/studio/window/checkpoint_desk.h"
#include "app/studio/window/main_window.h"
#include "app/studio/window/monitor_page.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/question.h"
#include "app/studio/window/reveal_folder.h"
#include "app/studio/window/run_bar.h"
#include "app/studio/window/status_strip.h"
#include "app/studio/window/studio_actions.h"
#include "widgets/config/json_pointer.h"
#include "widgets/log/log_panel.h"
#include "widgets/metrics/count_text.h"
#include "widgets/plots/monitor_view.h"
#include "widgets/runs/checkpoint_panel.h"
#include "widgets/runs/run_folder_scanner.h"
#include "widgets/runs/run_state_icon.h"
#include "widgets/runs/runs_panel.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSystemTrayIcon>

#include <algorithm>
#include <cmath>

namespace leyden::app {
namespace {

constexpr int rescanMs = 150;
constexpr int resumeNoticeMs = 300; // what takes less is not worth a word

/// How a run ended that did not fail, as a sentence.
QString endText(const QString& name, const RunEnd& end)
{
    if (end.isDiscarded)
        return MainWindow::tr("%1 was discarded").arg(name);
    switch (end.shown) {
    case ui::RunState::Finished:
        return MainWindow::tr("%1 has finished").arg(name);
    case ui::RunState::StoppedEarly:
        return MainWindow::tr("%1 has finished: it was stopped early").arg(name);
    case ui::RunState::NotSaved:
        return MainWindow::tr("%1 has finished, but its model was not saved").arg(name);
    case ui::RunState::Diverged:
        return MainWindow::tr("%1 diverged: its values are not finite any more, or got far worse")
            .arg(name);
    case ui::RunState::Stopped:
        return end.failure.isEmpty() ? MainWindow::tr("%1 was stopped").arg(name)
                                     : MainWindow::tr("%1 was stopped: %2").arg(name, end.failure);
    default:
        return MainWindow::tr("%1: %2").arg(name, ui::runStateText(end.shown));
    }
}

} // namespace

void MainWindow::connectRun()
{
    auto& a = *m_actions;
    connect(a.start, &QAction::triggered, this, &MainWindow::startRun);
    connect(a.pause, &QAction::triggered, this, [this] {
        if (m_controller.isPauseWanted())
            m_controller.resume();
        else
            m_controller.pause();
    });
    connect(a.checkpointNow, &QAction::triggered, &m_controller, &RunController::checkpointNow);
    connect(a.validateNow, &QAction::triggered, &m_controller, &RunController::validateNow);
    for (auto* action : std::as_const(a.stops))
        connect(action, &QAction::triggered, this, [this, action] { stop(action); });
    connect(&m_controller, &RunController::phaseChanged, this, &MainWindow::phaseChanged);
    connect(&m_controller, &RunController::pauseWantedChanged, this, &MainWindow::phaseChanged);
    connect(&m_controller, &RunController::drained, this, &MainWindow::take);
    connect(&m_controller, &RunController::progressed, m_runBar, &RunBar::showProgress);
    connect(&m_controller, &RunController::progressed, m_status, &StatusStrip::showProgress);
    connect(&m_controller, &RunController::ended, this, &MainWindow::runEnded);
    connect(&m_controller, &RunController::cameTooLate, this,
        [this](const QString& text) { log(ui::LogLevel::Warning, text); });
    connect(&m_controller, &RunController::folderKnown, this, [this](const QString& folder) {
        m_monitor->setLiveTitle(shortName(folder));
        m_status->showPhase(m_controller.phase(), shortName(folder));
        refreshInspector();
        refreshTitle();
        if (m_tray)
            m_tray->setToolTip(tr("Leyden: %1").arg(shortName(folder)));
        log(ui::LogLevel::Info, tr("Run folder: %1").arg(QDir::toNativeSeparators(folder)));
        m_scanner->rescan();
    });
    connect(m_inspector->steering(), &SteeringPanel::focusReleased, m_monitor, [this] {
        if (m_monitor->isVisible())
            m_monitor->focusCharts();
    });
    connect(m_inspector->steering(), &SteeringPanel::optionChosen, &m_controller,
        &RunController::setOption);
}

void MainWindow::startRun()
{
    m_session.check(); // what was typed a moment ago counts
    if (!m_session.isValid()) {
        revealProblem();
        return;
    }
    RunRecord first;
    first.config = m_session.resolved();
    first.desk = deskConfig();
    if (!hasDeskFile())
        first.desk.command.clear(); // there is no such file; its folder will have one
    const auto* from = ui::findValue(first.config, {QStringLiteral("ckpt_path")});
    if (from && from->is_string()
        && QFileInfo(ui::toQString(from->get<std::string>())).isAbsolute())
        first.parent = ui::toQString(from->get<std::string>());
    begin(m_session.order(runsFolder()), {}, first);
}

void MainWindow::begin(const RunOrder& order, const RunHistory& before, const RunRecord& first)
{
    if (m_controller.isActive())
        return;
    if (!m_resumption.isBranch) // that opens a config, and starts nothing
        forgetResume(tr("another run was started"));
    m_closesWhenEnded = false;
    m_context.stopReading();
    m_runs->clearSelection(); // what is looked at from now on is this run
    for (const auto* topic : {"run", "nonFinite", "saving", "open"})
        m_notices->drop(QLatin1String(topic));
    m_liveLog->clear(); // of the run before; its folder has it
    m_liveLog->appendEntries(m_ownLog);
    m_monitor->beginLive(order.name, before);
    for (const auto& each : watchedMetrics(first.config))
        m_monitor->setBest(each.name, each.mode);
    log(ui::LogLevel::Info, tr("Starting %1").arg(order.name));
    m_context.begin(order, first, before);
    m_runBar->setBatchSize(batchSizeOf(m_context.live().config));
    showView(MonitorView);
    m_monitor->focusCharts(); // a letter typed now would filter the runs
}

void MainWindow::stop(QAction* action)
{
    const auto verb = StopVerb(action->data().toInt());
    if (verb != StopVerb::Discard) {
        m_controller.stop(verb);
        return;
    }
    ask(this, QStringLiteral("discardQuestion"), tr("Stop, and delete the run's folder?"),
        tr("Its curves, checkpoints and log go with it."),
        {{QStringLiteral("discard"), tr("Discard"),
            [this] { m_controller.stop(StopVerb::Discard); }}},
        Stakes::Loss);
    closeAtEndOfRun(QStringLiteral("discardQuestion"));
}

void MainWindow::phaseChanged()
{
    const auto phase = m_controller.phase();
    const auto name = m_controller.folder().isEmpty() ? m_controller.order().name
                                                      : shortName(m_controller.folder());
    m_runBar->showPhase(phase, m_controller.isPauseWanted(), m_controller.stopWanted());
    m_status->showPhase(phase, name);
    refreshConfig();
}

void MainWindow::take(const EventBatch& batch)
{
    m_monitor->take(batch);
    m_liveLog->appendEntries(batch.log);
    for (const auto& each : batch.interventions) {
        if (each.event == QLatin1String("stop")) // it may have to wait for Resume
            m_runBar->showPhase(
                m_controller.phase(), m_controller.isPauseWanted(), m_controller.stopWanted());
        if (each.event == QLatin1String("stop_failed")) {
            m_closesWhenEnded = false;
            m_notices->add({ui::IconTone::Error,
                tr("The run is not stopped: its checkpoint could not be written; the Log says "
                   "why."),
                {}, QStringLiteral("run")});
        }
        m_liveLog->appendEntries(
            {{QDateTime::currentDateTime(), ui::LogLevel::Info, logTextOf(markerOf(each))}});
    }
    if (!batch.interventions.isEmpty()) // its run.json tells a moment later
        QTimer::singleShot(rescanMs, m_scanner, &ui::RunFolderScanner::rescan);
    if (!batch.checkpoints.isEmpty()) {
        m_monitor->showCheckpoints(m_context.live().checkpoints.entries());
        if (m_nonFinite && m_notices->has(QStringLiteral("nonFinite"))) {
            const auto* good = m_context.live().checkpoints.newestUpTo(m_nonFinite->step);
            if ((good ? good->path : QString()) != m_lastGood)
                reportNonFinite(*m_nonFinite); // one came late, or newer ones took its place
        }
    }
    if (!batch.summary.isEmpty()) // one entry: a table of layers would fill the dock
        m_liveLog->appendEntries({{QDateTime::currentDateTime(), ui::LogLevel::Info,
            tr("The model:") + QLatin1Char('\n') + batch.summary}});
    for (const auto& each : batch.nonFinite)
        reportNonFinite(each);
    for (const auto& each : batch.saving)
        showSaving(each);
}

void MainWindow::reportNonFinite(NonFiniteNews news)
{
    const auto text = news.layer.isEmpty()
        ? tr("%1: the %2 has not been finite since step %3.")
              .arg(m_context.live().name, news.metric, ui::countText(qint64(news.step)))
        : tr("%1: the %2 has not been finite since step %3; the first layer with such values: %4.")
              .arg(
                  m_context.live().name, news.metric, ui::countText(qint64(news.step)), news.layer);
    QList<NoticeBar::Choice> choices;
    const auto* good = m_context.live().checkpoints.newestUpTo(news.step);
    m_nonFinite = news;
    m_lastGood = good ? good->path : QString();
    if (good)
        choices.append({QStringLiteral("reloadLastGood"),
            tr("Back to step %1, paused").arg(ui::countText(qint64(good->step))),
            [this, step = news.step] { goBackBefore(step); }});
    m_notices->add({ui::IconTone::Warning, text, choices, QStringLiteral("nonFinite")});
}

void MainWindow::goBackBefore(double step)
{
    const auto* good = m_context.live().checkpoints.newestUpTo(step);
    if (!good || m_controller.folder().isEmpty()) {
        report(tr("No checkpoint from before step %1 is left").arg(ui::countText(qint64(step))));
        return;
    }
    m_wayBack = good->path;
    if (m_controller.isActive())
        m_controller.stop(StopVerb::AfterStep);
    else
        takeWayBack();
}

void MainWindow::takeWayBack()
{
    const auto checkpoint = std::exchange(m_wayBack, {});
    if (checkpoint.isEmpty() || m_controller.isActive())
        return;
    readForResume({m_controller.folder(), checkpoint, true, false, true});
}

void MainWindow::runEnded(const RunEnd& end)
{
    const auto name = end.folder.isEmpty() ? m_controller.order().name : shortName(end.folder);
    m_monitor->endLive();
    m_runBar->showEnd(end);
    if (!end.details.isEmpty())
        log(ui::LogLevel::Debug, end.details);
    if (end.isFailure()) {
        const auto text = tr("%1 failed: %2").arg(name, end.failure);
        log(ui::LogLevel::Error, text);
        m_notices->add({ui::IconTone::Error, text,
            {{QStringLiteral("noticeConfigure"), tr("Configure"),
                [this] { showView(ConfigureView); }}},
            QStringLiteral("run")});
    } else {
        const bool isGood = end.failure.isEmpty() && end.shown != ui::RunState::Diverged;
        log(isGood ? ui::LogLevel::Info : ui::LogLevel::Warning, endText(name, end));
    }
    if (m_tray && m_tray->isVisible())
        m_tray->showMessage(tr("Leyden"), endText(name, end));
    if (end.isDiscarded) { // nothing of it is left to look at
        m_monitor->clearLive();
        m_runBar->clearLive();
        m_status->showMessage(tr("Discarded: %1").arg(name), 8000);
        if (m_context.showsLive())
            showView(StartView);
    }
    refreshRun();
    m_scanner->rescan();
    if (m_closesWhenEnded)
        close();
    else if (!m_wayBack.isEmpty())
        QMetaObject::invokeMethod(this, &MainWindow::takeWayBack, Qt::QueuedConnection);
}

void MainWindow::connectPanels()
{
    connect(m_scanner, &ui::RunFolderScanner::runsChanged, this, &MainWindow::takeRuns);
    connect(m_scanner, &ui::RunFolderScanner::folderGone, m_runs, &ui::RunsPanel::setFolderGone);
    connect(m_scanner, &ui::RunFolderScanner::folderGone, this, [this](bool isGone) {
        if (isGone)
            log(ui::LogLevel::Warning,
                tr("The runs folder is gone: %1").arg(QDir::toNativeSeparators(runsFolder())));
    });
    connect(m_runs, &ui::RunsPanel::selectionChanged, this, &MainWindow::selectRuns);
    connect(m_runs, &ui::RunsPanel::openRequested, this, [this](const QString& folder) {
        selectRuns({folder});
        showView(MonitorView);
    });
    connect(m_runs, &ui::RunsPanel::resumeRequested, this,
        [this](const QString& folder) { resumeRun(folder); });
    connect(m_runs, &ui::RunsPanel::deleteRequested, this, &MainWindow::deleteRuns);
    connect(m_runs, &ui::RunsPanel::revealRequested, this,
        [this](const QString& folder) { revealFolder(this, folder); });
    connect(m_runs, &ui::RunsPanel::configRequested, this, &MainWindow::openRunConfig);
    connect(&m_resumeHistory, &HistoryLoader::loaded, this, &MainWindow::goOn);
    m_resumeNotice.setSingleShot(true);
    m_resumeNotice.setInterval(resumeNoticeMs);
    connect(&m_resumeNotice, &QTimer::timeout, this, [this] {
        m_notices->add({ui::IconTone::Muted,
            tr("Reading %1…").arg(QDir::toNativeSeparators(m_resumption.folder)),
            {{QStringLiteral("cancelResume"), tr("Cancel"),
                [this] { forgetResume(tr("cancelled")); }}},
            QStringLiteral("resume")});
    });
    auto* checkpoints = m_inspector->checkpoints();
    connect(checkpoints, &ui::CheckpointPanel::resumeFromRequested, this,
        [this](const QString& path) { resumeRun(m_context.shown().folder, path); });
    connect(m_monitor, &MonitorPage::checkpointMenuRequested, checkpoints,
        &ui::CheckpointPanel::popupMenu);
    connect(checkpoints, &ui::CheckpointPanel::branchRequested, this, &MainWindow::branchRun);
    connect(checkpoints, &ui::CheckpointPanel::contentsRequested, m_checkpointDesk,
        &CheckpointDesk::showContents);
    connect(checkpoints, &ui::CheckpointPanel::compareRequested, m_checkpointDesk,
        &CheckpointDesk::compare);
    connect(checkpoints, &ui::CheckpointPanel::exportRequested, m_checkpointDesk,
        &CheckpointDesk::exportAs);
    connect(m_checkpointDesk, &CheckpointDesk::said, this, [this](const QString& text) {
        m_status->showMessage(text, text.endsWith(u'…') ? 0 : 8000);
    });
    connect(m_checkpointDesk, &CheckpointDesk::failed, this,
        [this](const QString& problem) { report(problem); });
    connect(m_monitor, &MonitorPage::liveRequested, this, [this] {
        m_runs->clearSelection();
        m_context.showLive();
    });
    connect(
        checkpoints, &ui::CheckpointPanel::removeRequested, this, &MainWindow::deleteCheckpoint);
}

void MainWindow::takeRuns(const QList<ui::RunSummary>& runs)
{
    m_context.setRuns(runs);
    for (const auto& run : runs)
        if (run.state == ui::RunState::Crashed)
            offerCrashed(run);
}

void MainWindow::offerCrashed(const ui::RunSummary& run)
{
    if (m_offered.contains(run.folder) || m_settings.dismissedRuns().contains(run.folder))
        return;
    m_offered += run.folder;
    const auto ended = tr("%1 ended unexpectedly at step %2.")
                           .arg(run.name, // run.json may be older than the checkpoint
                               ui::countText(qint64(std::fmax(run.lastStep, run.checkpointStep))));
    const auto goesOn = run.checkpointStep < 0.0
        ? tr("It has no checkpoint yet: Resume continues from the start.")
        : std::isnan(run.checkpointStep)
        ? tr("Resume continues from its newest checkpoint.")
        : tr("Resume continues from step %1.").arg(ui::countText(qint64(run.checkpointStep)));
    m_notices->add({ui::IconTone::Warning, ended + QLatin1Char(' ') + goesOn,
        {{QStringLiteral("resumeCrashed"), tr("Resume"),
             [this, folder = run.folder] { // the words said where it goes on
                 resume({folder, QStringLiteral("last"), false, false, true});
             }},
            {QStringLiteral("showCrashed"), tr("Show its curves"),
                [this, folder = run.folder] {
                    m_runs->selectRun(folder);
                    showView(MonitorView);
                }},
            {QStringLiteral("dismissCrashed"), tr("Don't offer again"),
                [this, folder = run.folder] { m_settings.dismissRun(folder); }}},
        {}, true});
}

void MainWindow::selectRuns(const QStringList& folders)
{
    if (folders.size() != 1)
        return;
    m_context.show(folders.first());
}

void MainWindow::deleteRuns(const QStringList& folders)
{
    ask(this, QStringLiteral("deleteRunsQuestion"),
        folders.size() == 1 ? tr("Move %1 to the trash?").arg(shortName(folders.first()))
                            : tr("Move %1 runs to the trash?").arg(folders.size()),
        folders.size() == 1 ? tr("Its folder goes, with curves and checkpoints.")
                            : tr("Their folders go, with curves and checkpoints."),
        {{QStringLiteral("delete"), tr("Move to trash"), [this, folders] { removeRuns(folders); }}},
        Stakes::Loss);
}

void MainWindow::deleteForGood(const QStringList& folders)
{
    ask(this, QStringLiteral("deleteForGoodQuestion"),
        folders.size() == 1 ? tr("Delete %1 for good?").arg(shortName(folders.first()))
                            : tr("Delete %1 runs for good?").arg(folders.size()),
        tr("The trash would not take what lies on this disk."),
        {{QStringLiteral("delete"), tr("Delete"),
            [this, folders] {
                auto* remover = new ui::BackgroundReader(this);
                remover->start([folders] { return deletedFailed(folders); },
                    [this, remover](const QStringList& left) {
                        remover->deleteLater();
                        reportLeft(left);
                        m_scanner->rescan();
                    });
            }}},
        Stakes::Loss);
}

void MainWindow::reportLeft(const QStringList& folders)
{
    QStringList left;
    for (const auto& folder : folders)
        left += QDir::toNativeSeparators(folder);
    if (!left.isEmpty())
        report(
            tr("These could not be deleted as a whole: %1").arg(left.join(QStringLiteral(", "))));
}

void MainWindow::removeRuns(QStringList folders)
{
    folders.removeIf([this](const QString& folder) {
        const bool isGoing = m_controller.isActive() && folder == m_controller.folder();
        return isGoing || (m_resumeHistory.isBusy() && folder == m_resumption.folder);
    });
    if (folders.contains(m_context.shown().folder) && !m_context.showsLive())
        m_context.showLive();
    if (folders.contains(m_context.live().folder)) {
        m_monitor->clearLive();
        m_context.forgetLive();
    }
    auto* remover = new ui::BackgroundReader(this); // its disk may be slow
    remover->start([folders] { return movedToTrashFailed(folders); },
        [this, remover](const QStringList& left) {
            remover->deleteLater();
            if (!left.isEmpty())
                deleteForGood(left);
            m_scanner->rescan();
        });
}

void MainWindow::deleteCheckpoint(const QString& path)
{
    ask(this, QStringLiteral("deleteCheckpointQuestion"),
        tr("Delete %1?").arg(QFileInfo(path).fileName()), tr("The file cannot be brought back."),
        {{QStringLiteral("delete"), tr("Delete"),
            [this, path] {
                const auto remove = [path] {
                    QFile file(path);
                    return file.exists() && !file.remove() ? file.errorString() : QString();
                };
                auto* remover = new ui::BackgroundReader(this); // its disk may be slow
                remover->start(remove, [this, remover, path](const QString& problem) {
                    remover->deleteLater();
                    if (!problem.isEmpty()) {
                        report(tr("%1 could not be deleted: %2")
                                .arg(QDir::toNativeSeparators(path), problem));
                        return;
                    }
                    m_context.checkpointRemoved(path);
                });
            }}},
        Stakes::Loss);
}

} // namespace leyden::app
