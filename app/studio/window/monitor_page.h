// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/event_batch.h"
#include "app/studio/session/run_history.h"
#include "app/studio/session/run_record.h"

#include <QWidget>

class QPushButton;
class QStackedWidget;

namespace leyden::ui {
class ElidedLabel;
class MonitorView;
} // namespace leyden::ui

namespace leyden::app {

/// The curves of the run that goes on (or went last), and those of a run of the past that was
/// picked. The live ones collect while the others are looked at.
class MonitorPage final : public QWidget
{
    Q_OBJECT

public:
    explicit MonitorPage(QWidget* parent = nullptr);

    ui::MonitorView* live() const { return m_live; }
    ui::MonitorView* past() const { return m_past; }
    bool showsLive() const;

    /// `before`: the run as its folder tells of it, where it goes on from a checkpoint.
    void beginLive(const QString& name, const RunHistory& before);
    void setLiveTitle(const QString& title);
    void take(const EventBatch& batch);
    void showCheckpoints(const QList<ui::CheckpointEntry>& checkpoints); ///< of the live run
    void endLive();                                                      ///< no more rows will come
    void clearLive();                                                    ///< it was discarded
    /// For the strip that tells of the live run while another one is shown.
    void showLiveState(const RunRecord& live);
    void setBest(const QString& metric, ui::MetricMode mode);
    void showLive();
    void showPast(const RunHistory& history, const QString& title);
    void growPast(const RunHistory& news); ///< of the one that is shown
    void focusCharts();                    ///< so that keys act on them

    QByteArray saveState() const; ///< how curves are shown, whichever run they are of
    void restoreState(const QByteArray& state);

Q_SIGNALS:
    void liveRequested(); ///< back from a run of the past
    /// of the run that is shown
    void checkpointMenuRequested(double step, const QPoint& globalPosition);

private:
    /// One setting for all runs, but for the x axis: a run of the past may have no times.
    void share(const ui::MonitorView& from);
    void updateHead();
    void updatePast(const RunHistory& history);
    void appendBefore(const EventBatch& batch);
    /// Shows the markers of the history up to that step; what came later was set aside.
    void placeHistory(double step);

    ui::ElidedLabel* m_title;
    ui::ElidedLabel* m_strip;
    QPushButton* m_back;
    QStackedWidget* m_stack;
    ui::MonitorView* m_live;
    ui::MonitorView* m_past;
    bool m_hasLive = false; ///< a run was started in this window
    bool m_isGoing = false;
    QString m_liveTitle;
    QString m_pastTitle;
    RunHistory m_before; ///< of a resumed run; its rows until the first new one tells where it is
    qsizetype m_shownBefore = 0;  ///< so many of them are shown by now
    double m_secondsBefore = 0.0; ///< up to the resume
    double m_activeBefore = 0.0;
    bool m_isPlaced = true; ///< it is known where the run goes on
    QStringList m_setAside; ///< checkpoint files of what was set aside, until they are written anew
};

} // namespace leyden::app
