// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_controller.h"
#include "app/studio/bridge/ui_cost_meter.h"
#include "app/studio/session/run_record.h"

#include <QElapsedTimer>
#include <QStatusBar>
#include <QTimer>

class QLabel;
class QToolButton;

namespace leyden::ui {
class ElidedLabel;
}

namespace leyden::app {

/// The status bar: the run's state, its step and speed, whether it waits for data or for the
/// CPU, what the window costs it, and what is wrong with the config.
class StatusStrip final : public QStatusBar
{
    Q_OBJECT

public:
    /// Above this share of time spent waiting for batches the badge shows.
    static constexpr double badgeShare = 0.1;
    /// The same for a core; a window that paints, or a mail program, takes less.
    static constexpr double cpuBadgeShare = 0.2;

    explicit StatusStrip(QWidget* parent = nullptr);

    void showPhase(RunPhase phase, const QString& run);
    void showProgress(const RunProgress& progress);
    void showRun(const RunRecord& run); ///< the one that is shown, while none is on here
    /// Of the config alone; `isOpen`: there is one.
    void showProblems(int count, bool isOpen);
    double uiCostShare() const { return m_uiCostShare; }

Q_SIGNALS:
    void problemsClicked();

private:
    template <class Label> Label* add(const char* name, const QString& accessibleName);
    void showWaits(const RunProgress& progress);
    void hideWaits();
    void sampleCost();

    bool m_isPaused = false;
    ui::ElidedLabel* m_state; ///< names the run
    QLabel* m_step;
    QLabel* m_speed;
    QLabel* m_dataWait;
    QLabel* m_cpuWait;
    QLabel* m_uiCost;
    QToolButton* m_problems;
    UiCostMeter m_meter;
    QElapsedTimer m_clock;
    QTimer m_timer;
    double m_uiCostShare = 0.0;
};

} // namespace leyden::app
