// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/run_bar.h"

#include "app/studio/window/studio_actions.h"
#include "widgets/common/icon.h"
#include "widgets/metrics/number_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QToolButton>

#include <algorithm>

namespace leyden::app {
namespace {
constexpr int fullProgress = 1000;
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
    m_eta = addLabel("runEta", tr("Time left"), tr("about 0:00:00 left"));
}

void RunBar::showPhase(RunPhase phase, bool isPauseWanted)
{
    m_phase = phase;
    m_stop->setEnabled(phase != RunPhase::Idle);
    switch (phase) {
    case RunPhase::Idle:
        m_progress->setRange(0, fullProgress);
        break;
    case RunPhase::Starting:
        m_share = -1.0;
        m_last = {};
        m_epoch->clear();
        m_speed->clear();
        m_progress->setFormat({});
        m_progress->setRange(0, 0); // loading: no share to show
        m_progress->show();
        m_eta->setText(tr("starting…"));
        break;
    case RunPhase::Running:
        if (isPauseWanted)
            m_eta->setText(tr("pausing…"));
        break;
    case RunPhase::Paused:
        m_speed->setText(tr("paused"));
        showTimeLeft();
        if (!isPauseWanted)
            m_eta->setText(tr("resuming…"));
        break;
    case RunPhase::Stopping:
        m_eta->setText(tr("stopping…"));
        break;
    }
}

void RunBar::showProgress(const RunProgress& progress)
{
    // An evaluation counts batches of its own: the training stands where it stood.
    const double share
        = progress.isTraining ? progress.doneShare() : std::max(m_share, progress.doneShare());
    m_share = share;
    m_last = progress;
    m_epoch->setText(progress.maxEpochs > 0 ? tr("epoch %1 / %2")
                                                  .arg(qMin(progress.epoch + 1, progress.maxEpochs))
                                                  .arg(progress.maxEpochs)
                                            : tr("epoch %1").arg(progress.epoch + 1));
    m_progress->setRange(0, share < 0.0 ? 0 : fullProgress);
    m_progress->setValue(int(share * fullProgress));
    const auto steps = progress.maxSteps > 0
        ? tr("step %L1 of %L2").arg(progress.globalStep).arg(progress.maxSteps)
        : tr("step %L1").arg(progress.globalStep);
    m_progress->setFormat(share < 0.0 ? steps : steps + QStringLiteral("   %p %"));
    m_progress->setToolTip(
        progress.stage.isEmpty() ? steps : steps + QStringLiteral(", ") + progress.stage);
    if (m_phase == RunPhase::Paused || m_phase == RunPhase::Stopping)
        return; // speed and time left say so already
    m_speed->setText(progress.batchesPerSecond <= 0.0
            ? QString()
            : tr("%1 it/s") // batches, as Lightning's bar counts
                  .arg(progress.batchesPerSecond, 0, 'f', progress.batchesPerSecond < 10 ? 1 : 0));
    showTimeLeft();
}

void RunBar::showTimeLeft()
{
    m_eta->setText(m_last.remainingSeconds < 0.0
            ? QString()
            : tr("about %1 left").arg(ui::durationText(m_last.remainingSeconds)));
}

void RunBar::showEnd(const RunEnd& end)
{
    m_progress->setRange(0, fullProgress);
    m_progress->setValue(m_share < 0.0 ? 0 : int(m_share * fullProgress));
    m_progress->setVisible(m_share >= 0.0);
    // none was begun after it
    const bool isWhole = m_last.batches > 0 && m_last.batch >= m_last.batches;
    const auto epoch = m_last.epoch + (isWhole ? 0 : 1);
    if (m_last.batches > 0)
        m_epoch->setText(m_last.maxEpochs > 0 ? tr("epoch %1 / %2").arg(epoch).arg(m_last.maxEpochs)
                                              : tr("epoch %1").arg(epoch));
    m_speed->clear();
    m_eta->setText(end.state == QLatin1String("finished") ? tr("finished")
            : end.isFailure()                             ? tr("failed")
                                                          : tr("stopped"));
}

} // namespace leyden::app
