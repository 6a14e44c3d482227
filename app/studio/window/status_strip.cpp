// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/status_strip.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/metrics/count_text.h"
#include "widgets/runs/run_state_icon.h"

#include <QLabel>
#include <QToolButton>

namespace leyden::app {

StatusStrip::StatusStrip(QWidget* parent)
    : QStatusBar(parent)
    , m_state(add<ui::ElidedLabel>("statusState", tr("State of the run")))
    , m_step(add<QLabel>("statusStep", tr("Step")))
    , m_speed(add<QLabel>("statusSpeed", tr("Speed")))
    , m_dataWait(add<QLabel>("statusDataWait", tr("Waiting for data")))
    , m_cpuWait(add<QLabel>("statusCpuWait", tr("Waiting for the CPU")))
    , m_uiCost(add<QLabel>("statusUiCost", tr("Cost of the window")))
    , m_problems(new QToolButton(this))
{
    setObjectName(QStringLiteral("statusStrip"));
    setSizeGripEnabled(false);
    auto bold = m_state->font();
    bold.setWeight(QFont::DemiBold);
    m_state->setFont(bold);
    m_state->setElideMode(Qt::ElideMiddle); // a run is told from others by its start and its
                                            // version
    m_uiCost->setToolTip(tr("Share of the time that the window's thread computes"));
    m_dataWait->setToolTip(tr("The run waits for batches: more workers (num_workers) or a "
                              "lighter data set may help"));
    m_cpuWait->setToolTip(tr("The run could compute, and no core is free: close other programs, or "
                             "take fewer threads (num_threads, num_workers)"));
    hideWaits();
    m_problems->setObjectName(QStringLiteral("statusProblems"));
    m_problems->setAutoRaise(true);
    m_problems->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_problems->setFocusPolicy(Qt::TabFocus);
    connect(m_problems, &QToolButton::clicked, this, &StatusStrip::problemsClicked);
    addPermanentWidget(m_problems);
    m_timer.setInterval(1000);
    connect(&m_timer, &QTimer::timeout, this, &StatusStrip::sampleCost);
    m_clock.start();
    showPhase(RunPhase::Idle, {});
    showProblems(0, false);
}

template <class Label> Label* StatusStrip::add(const char* name, const QString& accessibleName)
{
    auto* label = new Label(this);
    label->setObjectName(QLatin1String(name));
    label->setAccessibleName(accessibleName);
    label->setContentsMargins(8, 0, 8, 0);
    addWidget(label);
    return label;
}

void StatusStrip::showPhase(RunPhase phase, const QString& run)
{
    const QString words[]{
        tr("Ready"), tr("Starting %1"), tr("Running %1"), tr("Paused: %1"), tr("Stopping %1")};
    m_isPaused = phase == RunPhase::Paused;
    m_state->setText(phase == RunPhase::Idle ? words[0] : words[size_t(phase)].arg(run));
    m_state->setToolTip({});
    if (phase == RunPhase::Idle) {
        m_timer.stop();
        hideWaits();
        m_speed->clear();
        m_uiCost->clear();
    } else if (phase == RunPhase::Paused) {
        m_speed->clear();
        hideWaits();
    } else if (!m_timer.isActive()) {
        m_step->clear();
        m_meter = {};
        sampleCost();
        m_timer.start();
    }
}

void StatusStrip::showProgress(const RunProgress& progress)
{
    m_step->setText(tr("step %1").arg(ui::countText(progress.globalStep)));
    m_speed->setText(m_isPaused || progress.batchesPerSecond <= 0.0
            ? QString()
            : tr("%1 it/s").arg(progress.batchesPerSecond < 10.0
                      ? QString::number(progress.batchesPerSecond, 'f', 1)
                      : ui::countText(qint64(progress.batchesPerSecond + 0.5))));
    showWaits(progress);
}

void StatusStrip::showWaits(const RunProgress& progress)
{
    const auto percent = [](double share) { return int(share * 100 + 0.5); };
    auto colors = palette();
    colors.setColor(QPalette::WindowText, ui::themeColors(colors).warning);
    m_dataWait->setPalette(colors);
    m_cpuWait->setPalette(colors);
    const bool waitsForData
        = progress.dataWaitShare >= badgeShare && progress.isTraining && !m_isPaused;
    m_dataWait->setVisible(waitsForData);
    if (waitsForData)
        m_dataWait->setText(
            tr("waits for data %1 % of the time").arg(percent(progress.dataWaitShare)));
    const bool waitsForCpu = progress.cpuWaitShare >= cpuBadgeShare && !m_isPaused;
    m_cpuWait->setVisible(waitsForCpu);
    if (waitsForCpu)
        m_cpuWait->setText((progress.isCpuShared
                ? tr("waits for the CPU %1 % of the time: other programs use it")
                : tr("waits for the CPU %1 % of the time: it has more threads than cores"))
                .arg(percent(progress.cpuWaitShare)));
}

void StatusStrip::hideWaits()
{
    m_dataWait->hide();
    m_cpuWait->hide();
}

void StatusStrip::showRun(const RunRecord& run)
{
    if (!run.isThere()) {
        m_state->setText(tr("Ready"));
        m_step->clear();
        return;
    }
    auto state = ui::runStateText(run.summary.state);
    if (!state.isEmpty())
        state[0] = state[0].toUpper();
    m_state->setText(tr("%1: %2").arg(state, run.name));
    m_state->setToolTip(ui::plainToolTip(
        QStringLiteral("%1: %2").arg(run.name, ui::runStateSentence(run.summary))));
    m_step->setText(run.summary.state == ui::RunState::Unreadable
            ? QString()
            : tr("step %1").arg(ui::countText(qint64(run.summary.lastStep))));
}

void StatusStrip::showProblems(int count, bool isOpen)
{
    m_problems->setText(!isOpen ? tr("no config")
            : count == 0        ? tr("config: no problems")
            : count == 1        ? tr("config: 1 problem")
                                : tr("config: %n problems", nullptr, count));
    m_problems->setEnabled(isOpen && count > 0);
    m_problems->setIcon(m_problems->isEnabled()
            ? ui::Icon::themed(QStringLiteral("error"), ui::IconTone::Error)
            : QIcon());
    m_problems->setToolTip(!isOpen ? tr("No config is open")
            : count == 0           ? tr("The config can run")
                                   : tr("Go to what keeps the config from running"));
}

void StatusStrip::sampleCost()
{
    m_uiCostShare
        = m_meter.sample(double(m_clock.elapsed()) / 1000.0, UiCostMeter::threadSeconds());
    m_uiCost->setText(tr("window %1 %").arg(m_uiCostShare * 100.0, 0, 'f', 1));
}

} // namespace leyden::app
