// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/monitor_page.h"

#include "widgets/common/elided_label.h"
#include "widgets/metrics/count_text.h"
#include "widgets/plots/chart_grid.h"
#include "widgets/plots/monitor_view.h"

#include <QDataStream>
#include <QHBoxLayout>
#include <QIODevice>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <utility>

namespace leyden::app {

MonitorPage::MonitorPage(QWidget* parent)
    : QWidget(parent)
    , m_title(new ui::ElidedLabel(this))
    , m_strip(new ui::ElidedLabel(this))
    , m_back(new QPushButton(this))
    , m_stack(new QStackedWidget(this))
    , m_live(new ui::MonitorView(this))
    , m_past(new ui::MonitorView(this))
{
    setObjectName(QStringLiteral("monitorPage"));
    m_past->setObjectName(QStringLiteral("pastMonitorView"));
    m_title->setObjectName(QStringLiteral("monitorTitle"));
    auto bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setElideMode(Qt::ElideMiddle); // keeps the version in sight
    m_strip->setObjectName(QStringLiteral("liveStrip"));
    m_strip->setAccessibleName(tr("The run in progress"));
    m_strip->setElideMode(Qt::ElideLeft); // keeps how far it is in sight
    m_back->setObjectName(QStringLiteral("backToLive"));
    connect(m_back, &QPushButton::clicked, this, &MonitorPage::liveRequested);
    for (auto* view : {m_live, m_past}) {
        connect(view, &ui::MonitorView::checkpointMenuRequested, this,
            &MonitorPage::checkpointMenuRequested);
        connect(view, &ui::MonitorView::settingsChanged, this, [this, view] { share(*view); });
    }
    m_stack->addWidget(m_live);
    m_stack->addWidget(m_past);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 6);
    head->addWidget(m_title, 1);
    head->addWidget(m_strip, 2);
    head->addWidget(m_back);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_stack, 1);
    m_liveTitle = tr("No run yet");
    updateHead();
}

bool MonitorPage::showsLive() const
{
    return m_stack->currentWidget() == m_live;
}

void MonitorPage::share(const ui::MonitorView& from)
{
    for (auto* view : {m_live, m_past}) {
        auto settings = view->settings();
        settings.smoothing = from.settings().smoothing;
        settings.trimsY = from.settings().trimsY;
        if (settings != view->settings())
            view->setSettings(settings);
    }
}

void MonitorPage::focusCharts()
{
    const auto charts = (showsLive() ? m_live : m_past)->grid()->builtCharts();
    if (charts.isEmpty())
        (showsLive() ? m_live : m_past)->grid()->setFocus(Qt::OtherFocusReason);
    else
        charts.first()->plotWidget()->setFocus(Qt::OtherFocusReason);
}

QByteArray MonitorPage::saveState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream << qint32(1) << m_live->settings().smoothing << m_live->settings().trimsY;
    return state;
}

void MonitorPage::restoreState(const QByteArray& state)
{
    QDataStream stream(state);
    qint32 version = 0;
    double smoothing = 0.0;
    bool trimsY = false;
    stream >> version >> smoothing >> trimsY;
    if (stream.status() != QDataStream::Ok || version != 1 || !(smoothing >= 0.0)
        || smoothing >= 1.0)
        return;
    auto settings = m_live->settings();
    settings.smoothing = smoothing;
    settings.trimsY = trimsY;
    m_live->setSettings(settings);
    share(*m_live);
}

void MonitorPage::updateHead()
{
    m_title->setText(showsLive() ? m_liveTitle : m_pastTitle);
    m_strip->setVisible(!showsLive() && m_isGoing);
    m_back->setVisible(!showsLive() && m_hasLive);
    m_back->setText(m_isGoing ? tr("Back to it") : tr("Back to the last run"));
}

void MonitorPage::showLiveState(const RunRecord& live)
{
    const auto step = ui::countText(live.progress.globalStep);
    const double share = live.progress.doneShare();
    m_strip->setText(live.summary.state == ui::RunState::Paused
            ? tr("%1: paused at step %2").arg(live.name, step)
            : share < 0.0 ? tr("%1: step %2").arg(live.name, step)
                          : tr("%1: step %2, %3 %").arg(live.name, step).arg(int(share * 100.0)));
}

void MonitorPage::clearLive()
{
    m_live->clear();
    m_live->grid()->setEmptyText(tr("No curves yet. Start a run, or open one from the list of "
                                    "runs: its metrics appear here as they are logged."));
    m_before = {};
    m_isPlaced = true;
    m_hasLive = m_isGoing = false;
    m_liveTitle = tr("No run yet");
    updateHead();
}

void MonitorPage::beginLive(const QString& name, const RunHistory& before)
{
    m_live->beginRun({name, {}});
    m_before = before;
    m_isPlaced = before.folder.isEmpty();
    m_setAside.clear();
    m_shownBefore = 0;
    m_secondsBefore = m_activeBefore = 0.0;
    m_live->setHasTimes(before.rows.isEmpty() || before.hasTimes);
    m_hasLive = m_isGoing = true;
    m_liveTitle = name;
    showLive();
}

void MonitorPage::setLiveTitle(const QString& title)
{
    m_liveTitle = title;
    m_live->setRun({title, {}});
    updateHead();
}

void MonitorPage::take(const EventBatch& batch)
{
    for (const auto& each : batch.interventions)
        if (!m_isPlaced && each.event == QLatin1String("resume") && !each.option.isEmpty())
            placeHistory(each.step);
    if (!m_isPlaced && batch.progress && batch.progress->isTraining)
        placeHistory(-1.0); // it trains, and resumed from nothing: it had no checkpoint yet
    for (const auto& each : batch.checkpoints)
        m_setAside.removeAll(each.path);
    if (!batch.rows.isEmpty()) {
        appendBefore(batch);
        auto rows = batch.rows;
        for (auto& row : rows) {
            row.seconds += m_secondsBefore;
            row.activeSeconds += m_activeBefore;
        }
        m_live->appendRows(rows);
    }
    for (const auto& each : batch.interventions) {
        auto marker = markerOf(each);
        marker.seconds += m_secondsBefore;
        m_live->addMarker(marker);
    }
    if (!batch.interventions.isEmpty() && m_live->isVisible())
        m_live->refresh(); // somebody pressed a button and looks for what it did
}

void MonitorPage::appendBefore(const EventBatch& batch)
{
    if (m_before.rows.isEmpty())
        return;
    // Its number in the file is exact; where there is none, the step tells what was set aside.
    qsizetype kept = batch.firstRow;
    if (kept < 0)
        kept = std::find_if(m_before.rows.begin(), m_before.rows.end(),
                   [&](const ui::MetricRow& row) { return row.step >= batch.rows.first().step; })
            - m_before.rows.begin();
    auto rows = std::exchange(m_before.rows, {}).mid(0, kept);
    if (!rows.isEmpty() && m_before.hasTimes) {
        m_secondsBefore = rows.last().seconds;
        m_activeBefore = rows.last().activeSeconds;
    }
    if (m_shownBefore > rows.size())
        m_live->replaceRows(rows);
    else
        m_live->appendRows(rows.mid(m_shownBefore));
    m_shownBefore = 0;
}

void MonitorPage::placeHistory(double step)
{
    m_isPlaced = true;
    // The curves up to there, before it goes on: it may be paused.
    QList<ui::MetricRow> rows;
    for (const auto& row : std::as_const(m_before.rows))
        if (row.step < step)
            rows.append(row);
    m_shownBefore = rows.size();
    m_live->appendRows(rows);
    for (const auto& marker : std::as_const(m_before.markers))
        if (marker.step <= step)
            m_live->addMarker(marker);
    for (const auto& entry : std::as_const(m_before.checkpoints))
        if (entry.step > step)
            m_setAside += entry.path;
    if (step < 0.0)
        m_before.rows.clear();
}

void MonitorPage::showCheckpoints(const QList<ui::CheckpointEntry>& checkpoints)
{
    auto ofThisHistory = checkpoints; // those of what was set aside still lie in the folder
    ofThisHistory.removeIf(
        [this](const ui::CheckpointEntry& entry) { return m_setAside.contains(entry.path); });
    m_live->setMarkers(ui::MarkerKind::Checkpoint, checkpointMarkers(ofThisHistory));
}

void MonitorPage::endLive()
{
    m_isGoing = false;
    updateHead();
    if (!m_isPlaced) { // it ended before it went on: the history is as it was
        placeHistory(
            m_live->store().rowCount() > 0 ? -1.0 : std::numeric_limits<double>::infinity());
    }
    m_before.rows.clear();
    if (m_live->isVisible())
        m_live->refresh();
    m_live->grid()->setEmptyText(tr("%1 ended before it logged a value.").arg(m_liveTitle));
}

void MonitorPage::setBest(const QString& metric, ui::MetricMode mode)
{
    m_live->setBest(metric, mode);
}

void MonitorPage::showLive()
{
    m_stack->setCurrentWidget(m_live);
    updateHead();
}

void MonitorPage::showPast(const RunHistory& history, const QString& title)
{
    m_past->beginRun({title, history.folder});
    m_past->appendRows(history.rows);
    for (const auto& each : history.watched)
        m_past->setBest(each.name, each.mode);
    m_pastTitle = title;
    updatePast(history);
    m_stack->setCurrentWidget(m_past);
    updateHead();
}

void MonitorPage::growPast(const RunHistory& news)
{
    m_past->appendRows(news.rows);
    updatePast(news);
}

void MonitorPage::updatePast(const RunHistory& history)
{
    m_past->setHasTimes(history.hasTimes);
    m_past->setMarkers(history.markers);
    if (m_past->store().rowCount() == 0)
        m_past->grid()->setEmptyText(ui::isGoing(history.summary.state)
                ? tr("Waiting for the first values of %1…").arg(m_pastTitle)
                : tr("%1 has no values: its metrics.csv is empty or missing.").arg(m_pastTitle));
}

} // namespace leyden::app
