// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_controller.h"
#include "app/studio/session/config_session.h"
#include "app/studio/session/run_follower.h"
#include "app/studio/session/run_record.h"
#include "app/studio/session/studio_settings.h"

#include <QObject>

namespace leyden::app {

/// What the studio is about, for all its views: the config on the desk, the settings, the runs of
/// the runs folder, the run of this window and the one run that is shown. Views hear of changes by
/// signals with plain values and keep none of it themselves.
///
/// The live run is the one of this window that is on, or was last. The shown run is the live one, or
/// one of the folder that was picked; that one is followed while it grows, whatever process it is
/// on in.
class StudioContext final : public QObject
{
    Q_OBJECT

public:
    /// `registry` outlives it. Empty texts: as MainWindow::Options say.
    StudioContext(const Registry& registry, const QString& settingsFile, const QString& runsFolder,
        QObject* parent = nullptr);
    ~StudioContext() override;

    ConfigSession& session() { return m_session; }
    const ConfigSession& session() const { return m_session; }
    RunController& controller() { return m_controller; }
    const RunController& controller() const { return m_controller; }
    StudioSettings& settings() { return m_settings; }

    QString runsFolder() const { return m_runsFolder; }
    void setRunsFolder(const QString& folder);
    /// Those of the runs folder; the live one as it is now.
    const QList<ui::RunSummary>& runs() const { return m_runs; }
    void setRuns(const QList<ui::RunSummary>& runs); ///< as a look at the folder found them

    const RunRecord& live() const { return m_live; }
    bool isLiveOn() const { return m_controller.isActive(); }
    const RunRecord& shown() const { return showsLive() ? m_live : m_past; }
    bool showsLive() const { return m_past.folder.isEmpty(); }

    /// Starts a run, which is shown then. `first`: what is known of it by now; `before`: what its
    /// folder tells where it goes on in it.
    void begin(const RunOrder& order, const RunRecord& first, const RunHistory& before);
    void show(const QString& folder); ///< once it is read; the live one at once
    void showLive();
    void stopReading(); ///< what was asked to be shown is no longer wanted
    void checkpointRemoved(const QString& path);
    void forgetLive(); ///< its folder is gone

Q_SIGNALS:
    void shownChanged();                                  ///< another run
    void shownUpdated();                                  ///< something of it is new
    void shownFound(const leyden::app::RunHistory& news); ///< its rows and markers; not of the live
    void shownLogged(const QList<leyden::ui::LogEntry>& entries); ///< likewise
    void liveUpdated();                                           ///< whether it is shown or not
    void liveProgressed(const leyden::app::RunRecord& live);      ///< some ten times a second
    void runsChanged(const QList<leyden::ui::RunSummary>& runs);
    void runUpdated(const leyden::ui::RunSummary& run); ///< the live one, in the list
    void runsFolderChanged(const QString& folder);
    void readFailed(const QString& problem); ///< what was asked to be shown cannot be

private:
    void takeFound(const RunHistory& news);
    void takeBatch(const EventBatch& batch);
    void takeValues(const EventBatch& batch);
    void takeBest(const QList<ui::MetricRow>& rows);
    void takePhase();
    void takeEnd(const RunEnd& end);
    void updateLive();
    void updateRow(); ///< of the list
    ui::RunSummary withLive(const ui::RunSummary& run) const;

    StudioSettings m_settings;
    QString m_runsFolder;
    ConfigSession m_session;
    RunController m_controller;
    RunFollower m_follower;
    QList<ui::RunSummary> m_runs;
    RunRecord m_live;
    QList<ui::MetricRow> m_rowsBefore; ///< of a resumed run, until its first row tells which stay
    RunRecord m_past;                  ///< with an empty folder: none is picked
};

} // namespace leyden::app
