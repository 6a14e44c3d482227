// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/status_strip.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/icon.h"
#include "widgets/common/theme.h"

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
    showProblems(0);
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
    m_step->setText(tr("step %L1").arg(progress.globalStep));
    m_speed->setText(m_isPaused || progress.batchesPerSecond <= 0.0
            ? QString()
            : tr("%1 it/s").arg(progress.batchesPerSecond, 0, 'f', 1));
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

void StatusStrip::showEnd(const RunEnd& end, const QString& run)
{
    m_state->setText(end.isFailure()                 ? tr("Failed: %1").arg(run)
            : end.state == QLatin1String("finished") ? tr("Finished: %1").arg(run)
                                                     : tr("Stopped: %1").arg(run));
}

void StatusStrip::showProblems(int count)
{
    m_problems->setText(count == 0 ? tr("no problems")
            : count == 1           ? tr("1 problem")
                                   : tr("%n problems", nullptr, count));
    m_problems->setEnabled(count > 0);
    m_problems->setIcon(
        count == 0 ? QIcon() : ui::Icon::themed(QStringLiteral("error"), ui::IconTone::Error));
    m_problems->setToolTip(
        count == 0 ? tr("The config can run") : tr("Go to what keeps the config from running"));
}

void StatusStrip::sampleCost()
{
    m_uiCostShare
        = m_meter.sample(double(m_clock.elapsed()) / 1000.0, UiCostMeter::threadSeconds());
    m_uiCost->setText(tr("window %1 %").arg(m_uiCostShare * 100.0, 0, 'f', 1));
}

} // namespace leyden::app
