// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/studio_context.h"

#include "app/studio/session/run_name.h"
#include "widgets/config/json_text.h"

#include <QDir>

#include <algorithm>
#include <cmath>
#include <utility>

namespace leyden::app {
namespace {

void setValue(QList<ui::NamedValue>& values, const QString& name, double value)
{
    for (auto& each : values)
        if (each.name == name) {
            each.value = value;
            return;
        }
    values.append({name, value});
}

/// The metric that a run is judged by; null: there is none.
const WatchedMetric* monitorOf(const QList<WatchedMetric>& watched)
{
    const auto found = std::find_if(watched.begin(), watched.end(),
        [](const WatchedMetric& each) { return each.isOfCheckpoints; });
    return found != watched.end() ? &*found : watched.isEmpty() ? nullptr : &watched.first();
}

} // namespace

StudioContext::StudioContext(const Registry& registry, const QString& settingsFile,
    const QString& runsFolder, QObject* parent)
    : QObject(parent)
    , m_settings(settingsFile)
    , m_runsFolder(runsFolder.isEmpty() ? m_settings.runsFolder() : QDir(runsFolder).absolutePath())
    , m_session(registry)
    , m_controller(registry)
{
    connect(&m_follower, &RunFollower::found, this, &StudioContext::takeFound);
    connect(&m_controller, &RunController::drained, this, &StudioContext::takeBatch);
    connect(&m_controller, &RunController::phaseChanged, this, &StudioContext::takePhase);
    connect(&m_controller, &RunController::progressed, this, [this](const RunProgress& progress) {
        m_live.progress = progress;
        m_live.summary.lastStep = double(progress.globalStep);
        m_live.summary.epoch = double(progress.epoch);
        updateRow();
        Q_EMIT liveProgressed(m_live);
    });
    connect(&m_controller, &RunController::folderKnown, this, [this](const QString& folder) {
        m_live.folder = m_live.summary.folder = folder;
        m_live.name = m_live.summary.name = shortName(folder);
        updateLive();
    });
    connect(&m_controller, &RunController::ended, this, &StudioContext::takeEnd);
}

StudioContext::~StudioContext()
{
    m_controller.disconnect(this); // nothing may hear from a run that ends now
}

void StudioContext::setRunsFolder(const QString& folder)
{
    m_runsFolder = QDir(folder).absolutePath();
    m_settings.setRunsFolder(m_runsFolder);
    Q_EMIT runsFolderChanged(m_runsFolder);
}

ui::RunSummary StudioContext::withLive(const ui::RunSummary& run) const
{
    // Its files lag behind, and a full disk leaves them as they were when the run was on.
    if (run.folder != m_live.folder || !(m_controller.isActive() || ui::isGoing(run.state)))
        return run;
    auto live = run;
    live.ended = m_live.summary.ended;
    live.problem = m_live.summary.problem;
    live.state = m_live.summary.state;
    live.lastStep = m_live.summary.lastStep;
    live.epoch = m_live.summary.epoch;
    if (!std::isnan(m_live.summary.bestValue)) {
        live.bestName = m_live.summary.bestName;
        live.bestValue = m_live.summary.bestValue;
    }
    return live;
}

void StudioContext::setRuns(const QList<ui::RunSummary>& runs)
{
    const auto before = std::exchange(m_runs, runs);
    for (auto& run : m_runs) {
        run = withLive(run);
        if (run.folder != m_past.folder)
            continue;
        const auto known = std::find_if(before.begin(), before.end(),
            [&](const ui::RunSummary& each) { return each.folder == run.folder; });
        if (known == before.end() || *known != run)
            m_follower.lookAgain(); // it may have gone on in another process
    }
    Q_EMIT runsChanged(m_runs);
}

void StudioContext::begin(const RunOrder& order, const RunRecord& first, const RunHistory& before)
{
    m_follower.forget();
    m_past = {};
    m_live = first;
    m_live.name = m_live.summary.name = order.name;
    m_live.folder = m_live.summary.folder = before.folder;
    if (m_live.config.is_null())
        m_live.config = ui::parseJsonText(QString::fromUtf8(order.config)).document;
    m_live.watched = watchedMetrics(m_live.config);
    m_live.checkpoints.begin(before.checkpoints, m_live.watched);
    m_live.isSteered = before.isSteered;
    m_live.setByHand = before.setByHand;
    m_live.earlyStopping.isUsed = usesEarlyStopping(m_live.config);
    m_live.summary.state = ui::RunState::Running;
    m_live.summary.started = QDateTime::currentDateTimeUtc();
    if (const auto* monitor = monitorOf(m_live.watched))
        m_live.summary.bestName = monitor->name;
    m_rowsBefore = before.rows;
    Q_EMIT shownChanged();
    m_controller.start(order);
}

void StudioContext::show(const QString& folder)
{
    m_follower.forget();
    if (!folder.isEmpty() && folder != m_live.folder)
        m_follower.follow(folder);
    else
        showLive();
}

void StudioContext::showLive()
{
    m_follower.forget();
    if (showsLive())
        return;
    m_past = {};
    Q_EMIT shownChanged();
}

void StudioContext::stopReading()
{
    if (showsLive())
        m_follower.forget();
}

void StudioContext::takeFound(const RunHistory& news)
{
    const bool isOther = news.folder != m_past.folder;
    if (!news.problem.isEmpty()) {
        m_follower.forget();
        if (!isOther)
            showLive(); // it was deleted meanwhile
        Q_EMIT readFailed(news.problem);
        return;
    }
    m_past = {};
    m_past.folder = news.folder;
    m_past.name = shortName(news.folder);
    m_past.summary = news.summary;
    m_past.summary.name = m_past.name;
    m_past.configProblem = news.configProblem;
    if (news.configProblem.isEmpty())
        m_past.config = ui::parseJsonText(QString::fromUtf8(news.config)).document;
    m_past.watched = news.watched;
    m_past.parent = news.parent;
    m_past.isSteered = news.isSteered;
    m_past.setByHand = news.setByHand;
    m_past.earlyStopping = news.earlyStopping;
    m_past.checkpoints.begin(news.checkpoints, news.watched);
    if (isOther)
        Q_EMIT shownChanged();
    else
        Q_EMIT shownUpdated();
    Q_EMIT shownFound(news);
    if (!news.log.isEmpty())
        Q_EMIT shownLogged(news.log);
}

void StudioContext::takeBatch(const EventBatch& batch)
{
    takeBest(batch.rows);
    takeValues(batch);
    const bool isNew = !batch.interventions.isEmpty() || !batch.checkpoints.isEmpty()
        || !batch.saving.isEmpty() || batch.earlyStopping || !batch.stopReason.isEmpty();
    if (isNew)
        updateLive();
}

void StudioContext::takeValues(const EventBatch& batch)
{
    for (const auto& each : batch.interventions) {
        m_live.isSteered = m_live.isSteered || isReplayed(each.event);
        if (each.event != QLatin1String("set"))
            continue;
        const double value = each.value.toDouble();
        setValue(m_live.setByHand, each.option, value);
        if (each.option == QLatin1String("patience"))
            m_live.earlyStopping.news.patience = qint64(value);
    }
    if (!batch.checkpoints.isEmpty())
        m_live.checkpoints.take(batch.checkpoints);
    if (batch.earlyStopping) {
        m_live.earlyStopping.news = *batch.earlyStopping;
        m_live.earlyStopping.stopReason.clear();
    }
    if (!batch.stopReason.isEmpty())
        m_live.earlyStopping.stopReason = batch.stopReason;
    for (const auto& each : batch.saving)
        m_live.savingProblem = each.isFailing ? each.reason : QString();
}

void StudioContext::takeBest(const QList<ui::MetricRow>& rows)
{
    const auto* monitor = monitorOf(m_live.watched);
    if (!monitor || rows.isEmpty())
        return;
    auto& best = m_live.summary.bestValue;
    const auto take = [&](const ui::MetricRow& row) {
        for (const auto& each : row.values)
            if (each.name == monitor->name && std::isfinite(each.value)
                && (std::isnan(best)
                    || (monitor->mode == ui::MetricMode::Max ? each.value > best
                                                             : each.value < best)))
                best = each.value;
    };
    for (const auto& row : std::exchange(m_rowsBefore, {}))
        if (row.step < rows.first().step) // the others were set aside
            take(row);
    for (const auto& row : rows)
        take(row);
}

void StudioContext::takePhase()
{
    if (m_controller.isActive())
        m_live.summary.state = m_controller.phase() == RunPhase::Paused ? ui::RunState::Paused
                                                                        : ui::RunState::Running;
    updateLive();
}

void StudioContext::takeEnd(const RunEnd& end)
{
    m_live.summary.state = end.shown;
    m_live.summary.problem = end.failure;
    m_live.summary.ended = QDateTime::currentDateTimeUtc();
    if (end.isDiscarded) {
        forgetLive();
        return;
    }
    updateLive();
}

void StudioContext::forgetLive()
{
    m_live = {};
    if (showsLive())
        Q_EMIT shownChanged();
    Q_EMIT liveUpdated();
}

void StudioContext::updateRow()
{
    for (auto& run : m_runs)
        if (run.folder == m_live.folder) { // also where the folder told of the end before
            run = withLive(run);
            Q_EMIT runUpdated(run);
        }
}

void StudioContext::updateLive()
{
    updateRow();
    Q_EMIT liveUpdated();
    if (showsLive())
        Q_EMIT shownUpdated();
}

void StudioContext::checkpointRemoved(const QString& path)
{
    CheckpointNews news;
    news.path = path;
    news.isRemoved = true;
    m_live.checkpoints.take({news});
    m_past.checkpoints.take({news});
    Q_EMIT shownUpdated();
}

} // namespace leyden::app
