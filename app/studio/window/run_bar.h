// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_controller.h"
#include "app/studio/session/run_record.h"

#include <QToolBar>

#include <optional>

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

    // The run of this window.
    void showPhase(RunPhase phase, bool isPauseWanted, std::optional<StopVerb> stopWanted = {});
    void setBatchSize(qint64 samples); ///< of a full training batch; -1: not known
    void showProgress(const RunProgress& progress);
    void showEnd(const RunEnd& end);
    // The line beside the buttons, which tells of the run that is shown.
    void showPast(const RunRecord& run); ///< one of the runs folder
    void showLive();
    void clearLive(); ///< it was discarded

private:
    void render();
    void renderPast();
    void renderLive();
    void renderProgress(double share, const QString& steps, const QString& tip);
    QString stateOfLive() const;
    QString samplesText() const;
    void setupButtons(const StudioActions& actions);
    void setupProgress();
    QLabel* addLabel(const char* name, const QString& accessibleName, const QString& widest);

    RunPhase m_phase = RunPhase::Idle;
    bool m_isPauseWanted = false;
    std::optional<StopVerb> m_stopWanted;
    RunProgress m_last;              ///< of the live run
    qint64 m_batchSize = -1;         ///< -1: not known
    bool m_hasFullBatches = true;    ///< an epoch of one batch may have fewer samples
    double m_share = -1.0;           ///< of the live run that is done; -1: unknown
    bool m_hasProgress = false;      ///< it has told how far it is
    std::optional<RunEnd> m_end;     ///< of the live run
    std::optional<RunRecord> m_past; ///< instead of the live run
    QToolButton* m_stop = nullptr;
    QLabel* m_epoch = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_speed = nullptr;
    QLabel* m_eta = nullptr;
};

} // namespace leyden::app
