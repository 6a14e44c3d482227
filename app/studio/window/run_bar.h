// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_controller.h"

#include <QToolBar>

class QLabel;
class QProgressBar;
class QToolButton;

namespace leyden::app {
class StudioActions;

/// The permanent bar of what a run needs: start, pause, stop, how far, how fast, how long.
class RunBar final : public QToolBar
{
    Q_OBJECT

public:
    explicit RunBar(const StudioActions& actions, QWidget* parent = nullptr);

    void showPhase(RunPhase phase, bool isPauseWanted);
    void showProgress(const RunProgress& progress);
    void showEnd(const RunEnd& end);

private:
    void setupButtons(const StudioActions& actions);
    void showTimeLeft();
    void setupProgress();
    QLabel* addLabel(const char* name, const QString& accessibleName, const QString& widest);

    RunPhase m_phase = RunPhase::Idle;
    RunProgress m_last;    ///< of this run
    double m_share = -1.0; ///< of the run that is done; -1: unknown
    QToolButton* m_stop = nullptr;
    QLabel* m_epoch = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_speed = nullptr;
    QLabel* m_eta = nullptr;
};

} // namespace leyden::app
