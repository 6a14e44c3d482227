// SPDX-License-Identifier: GPL-3.0-or-later
// The window's part that shows one run: what centre, inspector, log, run bar and title tell of it.
#include "app/studio/export/command_line_text.h"
#include "app/studio/inspector/command_panel.h"
#include "app/studio/inspector/config_panel.h"
#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/session/run_name.h"
#include "app/studio/window/main_window.h"
#include "app/studio/window/monitor_page.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/run_bar.h"
#include "app/studio/window/status_strip.h"
#include "app/studio/window/studio_actions.h"
#include "widgets/log/log_panel.h"
#include "widgets/metrics/number_text.h"
#include "widgets/runs/checkpoint_panel.h"
#include "widgets/runs/run_folder_scanner.h"
#include "widgets/runs/runs_panel.h"

#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QFileInfo>
#include <QStackedWidget>
#include <QStorageInfo>

namespace leyden::app {
namespace {

/// The dock says whose it is; the menu that opens it does not change.
void setDockTitle(QDockWidget& dock, const QString& what, const QString& run)
{
    dock.setWindowTitle(run.isEmpty() ? what : QStringLiteral("%1 – %2").arg(what, run));
    dock.toggleViewAction()->setText(what);
}

/// What a command that begins from a checkpoint of another run has to say.
QString branchNote(const QString& checkpoint)
{
    const QFileInfo file(checkpoint);
    const auto folder = file.dir().dirName() == QLatin1String("checkpoints")
        ? QFileInfo(file.path()).path()
        : file.path();
    return MainWindow::tr("It is a branch of %1: it begins from %2.")
        .arg(shortName(folder), file.fileName());
}

} // namespace

void MainWindow::connectContext()
{
    connect(&m_context, &StudioContext::runsChanged, m_runs, &ui::RunsPanel::setRuns);
    connect(&m_context, &StudioContext::runUpdated, m_runs, &ui::RunsPanel::updateRun);
    connect(&m_context, &StudioContext::shownChanged, this, &MainWindow::shownRunChanged);
    connect(&m_context, &StudioContext::shownUpdated, this, &MainWindow::refreshRun);
    connect(&m_context, &StudioContext::shownFound, this, &MainWindow::takeFound);
    connect(&m_context, &StudioContext::shownLogged, m_pastLog, &ui::LogModel::appendEntries);
    connect(&m_context, &StudioContext::liveUpdated, this,
        [this] { m_monitor->showLiveState(m_context.live()); });
    connect(&m_context, &StudioContext::liveProgressed, this, [this](const RunRecord& live) {
        m_monitor->showLiveState(live);
        if (m_context.showsLive())
            m_inspector->steering()->showLive(live.progress);
    });
    connect(&m_context, &StudioContext::readFailed, this, [this](const QString& problem) {
        report(problem);
        m_scanner->rescan();
    });
    connect(&m_context, &StudioContext::runsFolderChanged, this, [this](const QString& folder) {
        m_scanner->setFolder(folder);
        log(ui::LogLevel::Info, tr("Runs folder: %1").arg(QDir::toNativeSeparators(folder)));
    });
}

void MainWindow::shownRunChanged()
{
    if (m_context.showsLive()) {
        m_monitor->showLive();
        m_runBar->showLive();
        m_log->setModel(m_liveLog);
    } else {
        m_pastLog->clear();
        m_log->setModel(m_pastLog);
        showView(MonitorView);
    }
    refreshRun();
}

void MainWindow::takeFound(const RunHistory& news)
{
    if (news.isWhole)
        m_monitor->showPast(news, m_context.shown().name);
    else
        m_monitor->growPast(news);
}

void MainWindow::refreshRun()
{
    const auto& run = m_context.shown();
    if (!m_context.showsLive())
        m_runBar->showPast(run);
    if (!m_context.isLiveOn())
        m_status->showRun(run);
    auto* checkpoints = m_inspector->checkpoints()->model();
    checkpoints->setMonitor(run.checkpoints.monitor());
    checkpoints->setCheckpoints(run.checkpoints.entries());
    refreshInspector();
    refreshTitle();
}

bool MainWindow::showsRun() const
{
    if (!m_context.shown().isThere())
        return false;
    // Beside the form and the start page it is about the next run, but while one is on that is shown.
    const bool isWatched = m_context.showsLive() && m_context.isLiveOn();
    return isWatched || m_views->currentIndex() == MonitorView || !m_session.isOpen();
}

ShownConfig MainWindow::configOf(const RunRecord& run) const
{
    auto shown = run.desk;
    if (shown.config.is_null())
        shown.config = run.config;
    shown.name = run.name;
    shown.problem = run.configProblem;
    if (run.folder.isEmpty()) {
        if (shown.command.isEmpty())
            shown.note = tr("The command is known once the run has its folder.");
    } else if (run.isSteered || shown.command.isEmpty()) {
        shown.command = fitCommand(run.folder + QStringLiteral("/config.json"),
            run.isSteered ? run.folder + QStringLiteral("/events.jsonl") : QString());
        shown.note = run.isSteered
            ? tr("What was done to this run by hand is in its events.jsonl. With it, this command "
                 "runs the same once more, with the same numbers:")
            : tr("This command runs the same once more, from its start, with the same numbers:");
    }
    if (!run.parent.isEmpty())
        shown.note = branchNote(run.parent) + QLatin1Char(' ') + shown.note;
    return shown;
}

ShownConfig MainWindow::shownConfig() const
{
    return showsRun() ? configOf(m_context.shown()) : deskConfig();
}

void MainWindow::refreshInspector()
{
    const bool isRun = showsRun();
    const auto shown = shownConfig();
    m_actions->copyCommand->setEnabled(!shown.command.isEmpty());
    m_inspector->config()->showConfig(shown);
    m_inspector->command()->showCommand(shown.command, shown.note);
    const auto& run = m_context.shown();
    auto* steering = m_inspector->steering();
    if (isRun) {
        steering->showConfig(run.config);
        steering->showSet(run.setByHand);
        if (m_context.showsLive())
            steering->showLive(run.progress);
    } else if (m_session.isValid()) {
        steering->showConfig(m_session.resolved());
    }
    const bool isOn = isRun && m_context.showsLive() && m_context.isLiveOn();
    steering->setRunning(isOn, isRun && !isOn && ui::isGoing(run.summary.state));
    m_inspector->earlyStopping()->showState(
        isRun ? run.earlyStopping : EarlyStoppingState(), isRun, ui::isGoing(run.summary.state));
    const auto name = isRun ? run.name : shown.name;
    setDockTitle(*m_inspectorDock, tr("Inspector"), name);
    setDockTitle(*m_logDock, tr("Log"), run.name);
}

void MainWindow::refreshTitle()
{
    const auto& run = m_context.shown();
    const bool isRun = m_views->currentIndex() == MonitorView && run.isThere();
    setWindowTitle(isRun         ? tr("%1 – Leyden[*]").arg(run.name)
            : m_session.isOpen() ? tr("%1[*] – Leyden").arg(m_session.name())
                                 : tr("Leyden[*]"));
    setWindowModified(!isRun && m_session.isModified());
}

void MainWindow::showSaving(const SavingNews& news)
{
    const auto topic = QStringLiteral("saving");
    if (!news.isFailing) {
        m_notices->drop(topic);
        return;
    }
    const auto folder = m_controller.folder();
    const auto look = [folder] {
        const QStorageInfo disk(folder); // it may not answer
        return disk.isValid() ? disk.bytesAvailable() : qint64(-1);
    };
    m_spaceReader.start(look, [this, news, folder, topic](qint64 bytes) {
        const auto what = news.isCheckpoint ? tr("The model of %1 is not saved: %2")
                                            : tr("The files of %1 are not written: %2");
        auto text = what.arg(shortName(folder), news.reason);
        if (bytes >= 0)
            text += tr(" (free on this disk: %1)").arg(ui::byteSizeText(bytes));
        m_notices->add({ui::IconTone::Warning, text,
            {{QStringLiteral("otherRunsFolder"), tr("Other folder for the next run…"),
                [this] { m_actions->chooseRunsFolder->trigger(); }}},
            topic});
    });
}

} // namespace leyden::app
