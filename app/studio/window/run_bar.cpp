// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/run_bar.h"

#include "app/studio/window/studio_actions.h"
#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/config/json_pointer.h"
#include "widgets/metrics/count_text.h"
#include "widgets/metrics/number_text.h"
#include "widgets/runs/run_state_icon.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace leyden::app {
namespace {
constexpr int fullProgress = 1000;
constexpr int widestName = 150; ///< pixels, of a run that is not the live one

QString rateText(double perSecond)
{
    return perSecond < 10.0 ? QString::number(perSecond, 'f', 1)
                            : ui::countText(qint64(std::llround(perSecond)));
}

/// In batches, as Lightning's bar counts.
QString speedText(double batchesPerSecond)
{
    return RunBar::tr("%1 it/s").arg(rateText(batchesPerSecond));
}
} // namespace

RunBar::RunBar(const StudioActions& actions, QWidget* parent) : QToolBar(tr("Run bar"), parent)
{
    setObjectName(QStringLiteral("runBar"));
    setMovable(false);
    setIconSize({18, 18});
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setupButtons(actions);
    setupProgress();
    for (auto* button : findChildren<QToolButton*>())
        button->setFocusPolicy(Qt::TabFocus);
    showPhase(RunPhase::Idle, false);
}

void RunBar::setupButtons(const StudioActions& actions)
{
    addAction(actions.start);
    addAction(actions.pause);
    m_stop = new QToolButton(this);
    m_stop->setObjectName(QStringLiteral("stopButton"));
    m_stop->setText(tr("Stop"));
    m_stop->setToolTip(tr("Five ways to end the run"));
    m_stop->setIcon(ui::Icon::themed(QStringLiteral("stop")));
    m_stop->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_stop->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_stop);
    menu->setObjectName(QStringLiteral("stopMenu"));
    menu->addActions(actions.stops);
    menu->insertSeparator(actions.stops.last());
    m_stop->setMenu(menu);
    addWidget(m_stop);
    addSeparator();
    addAction(actions.checkpointNow);
    addAction(actions.validateNow);
    addSeparator();
    const auto widest = fontMetrics().horizontalAdvance(tr("Resume ")) + 40;
    widgetForAction(actions.pause)->setMinimumWidth(widest); // holds still when its text changes
    for (auto* action : {actions.start, actions.pause, actions.checkpointNow, actions.validateNow})
        widgetForAction(action)->setObjectName(action->objectName() + QStringLiteral("Button"));
}

QLabel* RunBar::addLabel(const char* name, const QString& accessibleName, const QString& widest)
{
    auto* label = new QLabel(this);
    label->setObjectName(QLatin1String(name));
    label->setAccessibleName(accessibleName);
    label->setContentsMargins(8, 0, 8, 0);
    label->setMinimumWidth(fontMetrics().horizontalAdvance(widest) + 18);
    addWidget(label);
    return label;
}

void RunBar::setupProgress()
{
    m_epoch = addLabel("runEpoch", tr("Epoch"), tr("epoch 000 / 000"));
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("runProgress"));
    m_progress->setAccessibleName(tr("Progress of the run"));
    m_progress->setRange(0, fullProgress);
    m_progress->setMinimumWidth(90);
    m_progress->setMaximumHeight(fontMetrics().height() + 4);
    m_progress->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_progress->setAlignment(Qt::AlignCenter);
    m_progress->hide(); // until there is something to tell
    auto* room = new QWidget(this);
    room->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* layout = new QHBoxLayout(room);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_progress);
    addWidget(room);
    m_speed = addLabel("runSpeed", tr("Speed"), tr("00000 it/s"));
    m_eta = addLabel("runEta", tr("Time left"), tr("00:00 · about 00:00 left"));
}

void RunBar::showPhase(RunPhase phase, bool isPauseWanted, std::optional<StopVerb> stopWanted)
{
    m_phase = phase;
    m_isPauseWanted = isPauseWanted;
    m_stopWanted = stopWanted;
    m_stop->setEnabled(phase != RunPhase::Idle);
    if (phase == RunPhase::Starting) {
        m_share = -1.0;
        m_last = {};
        m_hasProgress = false;
        m_hasFullBatches = true;
        m_end.reset();
    }
    render();
}

void RunBar::setBatchSize(qint64 samples)
{
    m_batchSize = samples;
    render();
}

void RunBar::showProgress(const RunProgress& progress)
{
    // An evaluation counts batches of its own: the training stays where it was.
    m_share = progress.isTraining ? progress.doneShare() : std::max(m_share, progress.doneShare());
    if (progress.isTraining)
        m_hasFullBatches = progress.batches != 1;
    m_last = progress;
    m_hasProgress = true;
    render();
}

void RunBar::showEnd(const RunEnd& end)
{
    m_end = end;
    render();
}

void RunBar::showPast(const RunRecord& run)
{
    m_past = run;
    render();
}

void RunBar::showLive()
{
    m_past.reset();
    render();
}

void RunBar::clearLive()
{
    m_last = {};
    m_hasProgress = false;
    m_end.reset();
    render();
}

void RunBar::render()
{
    if (m_past)
        renderPast();
    else
        renderLive();
}

void RunBar::renderProgress(double share, const QString& steps, const QString& tip)
{
    const bool isLoading = share < 0.0 && m_phase != RunPhase::Idle && !m_past;
    m_progress->setRange(0, isLoading ? 0 : fullProgress);
    m_progress->setValue(share < 0.0 ? 0 : int(share * fullProgress));
    m_progress->setFormat(share < 0.0 ? steps : steps + QStringLiteral("   %p %"));
    m_progress->setToolTip(tip);
}

void RunBar::renderPast()
{
    const auto& run = *m_past;
    const auto& summary = run.summary;
    m_progress->setVisible(summary.state != ui::RunState::Unreadable);
    double most = -1.0;
    if (const auto* value
        = ui::findValue(run.config, ui::pointerTokens(QStringLiteral("/trainer/max_epochs")));
        value && value->is_number())
        most = value->get<double>();
    for (const auto& each : run.setByHand)
        if (each.name == QLatin1String("max_epochs"))
            most = each.value;
    const bool isWhole = ui::isWhole(summary.state);
    const double done = ui::isGoing(summary.state) ? summary.epoch + 1.0 : summary.epoch;
    m_epoch->setText(most > 0.0 && done <= most
            ? tr("epoch %1 / %2").arg(ui::countText(qint64(done)), ui::countText(qint64(most)))
            : tr("epoch %1").arg(ui::countText(qint64(done))));
    if (summary.state == ui::RunState::Unreadable) // nothing of it is known
        m_epoch->clear();
    const auto steps = tr("step %1").arg(ui::countText(qint64(summary.lastStep)));
    const double share = isWhole ? 1.0 : most > 0.0 ? std::min(1.0, summary.epoch / most) : -1.0;
    renderProgress(share, steps, run.name);
    m_speed->setText(fontMetrics().elidedText(run.name, Qt::ElideMiddle, widestName));
    m_speed->setToolTip(ui::plainToolTip(run.name));
    const auto until = ui::isGoing(summary.state) ? QDateTime::currentDateTimeUtc() : summary.ended;
    const double seconds = summary.started.isValid() && until.isValid()
        ? double(summary.started.msecsTo(until)) / 1000.0
        : ui::notANumber;
    const auto state = ui::runStateText(summary.state);
    m_eta->setText(
        std::isnan(seconds) ? state : tr("%1 · %2").arg(state, ui::durationText(seconds)));
    m_eta->setToolTip(ui::plainToolTip(ui::runStateSentence(summary)));
}

QString RunBar::stateOfLive() const
{
    switch (m_phase) {
    case RunPhase::Idle:
        return m_end ? ui::runStateText(m_end->shown) : QString();
    case RunPhase::Starting:
        return tr("starting…");
    case RunPhase::Running:
        return m_isPauseWanted ? tr("pausing…") : QString();
    case RunPhase::Paused:
        if (!m_isPauseWanted)
            return tr("resuming…");
        break;
    case RunPhase::Stopping:
        break;
    }
    if (m_stopWanted == StopVerb::AfterEpoch)
        return tr("stops after this epoch");
    if (m_stopWanted == StopVerb::AfterCheckpoint)
        return tr("stops after a checkpoint");
    return m_phase == RunPhase::Stopping ? tr("stopping…") : QString();
}

QString RunBar::samplesText() const
{
    if (m_batchSize <= 0 || !m_hasFullBatches)
        return {};
    return tr("about %1 samples/s, in batches of %2")
        .arg(rateText(m_last.batchesPerSecond * double(m_batchSize)), ui::countText(m_batchSize));
}

void RunBar::renderLive()
{
    m_progress->setVisible(m_phase != RunPhase::Idle || m_hasProgress);
    m_eta->setToolTip({});
    m_epoch->clear();
    m_speed->clear();
    m_speed->setToolTip({});
    QString steps;
    QString tip;
    double share = m_share;
    QStringList times;
    if (m_hasProgress) {
        const bool isOver = m_phase == RunPhase::Idle;
        // none was begun after it
        const bool isWhole = isOver && m_last.batches > 0 && m_last.batch >= m_last.batches;
        const auto epoch = m_last.epoch + (isWhole ? 0 : 1);
        const bool isBeyond = m_last.maxEpochs > 0 && epoch > m_last.maxEpochs; // set by hand
        m_epoch->setText(m_last.maxEpochs <= 0 || (isBeyond && isOver)
                ? tr("epoch %1").arg(ui::countText(epoch))
                : isBeyond
                ? tr("epoch %1, the last").arg(ui::countText(epoch))
                : tr("epoch %1 / %2").arg(ui::countText(epoch), ui::countText(m_last.maxEpochs)));
        steps = m_last.maxSteps > 0
            ? tr("step %1 of %2")
                  .arg(ui::countText(m_last.globalStep), ui::countText(m_last.maxSteps))
            : tr("step %1").arg(ui::countText(m_last.globalStep));
        tip = m_last.stage.isEmpty() ? steps : steps + QStringLiteral(", ") + m_last.stage;
        if (isOver && m_end && ui::isWhole(m_end->shown))
            share = 1.0; // by early stopping, for one
        if (m_phase == RunPhase::Paused)
            m_speed->setText(tr("paused"));
        else if (m_phase == RunPhase::Running && m_last.batchesPerSecond > 0.0) {
            m_speed->setText(speedText(m_last.batchesPerSecond));
            m_speed->setToolTip(samplesText());
        }
        if (m_last.seconds > 0.0)
            times += ui::durationText(m_last.seconds);
    }
    renderProgress(share, steps, tip);
    const auto state = stateOfLive();
    if (!state.isEmpty())
        times += state;
    else if (m_hasProgress && m_phase != RunPhase::Idle && m_last.remainingSeconds >= 0.0)
        times += tr("about %1 left").arg(ui::durationText(m_last.remainingSeconds));
    m_eta->setText(times.join(QStringLiteral(" · ")));
    if (m_end && m_phase == RunPhase::Idle && !m_end->failure.isEmpty())
        m_eta->setToolTip(ui::plainToolTip(m_end->failure));
}

} // namespace leyden::app
