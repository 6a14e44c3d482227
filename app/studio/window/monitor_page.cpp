// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/monitor_page.h"

#include "widgets/common/elided_label.h"
#include "widgets/plots/chart_grid.h"
#include "widgets/plots/monitor_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <limits>
#include <utility>

namespace leyden::app {

MonitorPage::MonitorPage(QWidget* parent)
    : QWidget(parent)
    , m_title(new ui::ElidedLabel(this))
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
    m_back->setObjectName(QStringLiteral("backToLive"));
    connect(m_back, &QPushButton::clicked, this, &MonitorPage::liveRequested);
    for (const auto* view : {m_live, m_past})
        connect(view, &ui::MonitorView::checkpointMenuRequested, this,
            &MonitorPage::checkpointMenuRequested);
    m_stack->addWidget(m_live);
    m_stack->addWidget(m_past);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 6);
    head->addWidget(m_title, 1);
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

void MonitorPage::updateHead()
{
    m_title->setText(showsLive() ? m_liveTitle : m_pastTitle);
    m_back->setVisible(!showsLive() && m_hasLive);
    m_back->setText(m_isGoing ? tr("Back to the run that goes on") : tr("Back to the last run"));
}

void MonitorPage::beginLive(const QString& name, const RunHistory& before)
{
    m_live->beginRun({name, {}});
    m_before = before;
    m_isPlaced = before.folder.isEmpty();
    m_setAside.clear();
    m_live->setHasTimes(before.rows.isEmpty()); // the file of metrics holds none
    m_hasLive = m_isGoing = true;
    m_liveTitle = name;
    showLive();
}

void MonitorPage::setLiveTitle(const QString& title)
{
    m_liveTitle = title;
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
    if (!batch.rows.isEmpty() && !m_before.rows.isEmpty()) {
        const double first = batch.rows.first().step;
        m_before.rows.removeIf([first](const ui::MetricRow& row) { return row.step >= first; });
        m_live->appendRows(std::exchange(m_before.rows, {}));
    }
    if (!batch.rows.isEmpty())
        m_live->appendRows(batch.rows);
    for (const auto& each : batch.interventions)
        m_live->addMarker(markerOf(each));
    if (!batch.interventions.isEmpty() && m_live->isVisible())
        m_live->refresh(); // somebody pressed a button and looks for what it did
}

void MonitorPage::placeHistory(double step)
{
    m_isPlaced = true;
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
        m_live->appendRows(std::exchange(m_before.rows, {}));
    }
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
    m_past->setHasTimes(false);
    m_past->appendRows(history.rows);
    for (const auto& marker : history.markers)
        m_past->addMarker(marker);
    for (const auto& each : history.watched)
        m_past->setBest(each.name, each.mode);
    m_pastTitle = title;
    m_stack->setCurrentWidget(m_past);
    updateHead();
}

} // namespace leyden::app
