// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/preview/config_preview.h"
#include "app/studio/session/history_loader.h"
#include "app/studio/session/studio_context.h"
#include "widgets/common/background_reader.h"
#include "widgets/log/log_model.h"
#include "widgets/runs/run_summary.h"

#include <QHash>
#include <QMainWindow>
#include <QTimer>

#include <optional>

class QDockWidget;
class QMenu;
class QSplitter;
class QStackedWidget;
class QSystemTrayIcon;

namespace leyden::ui {
class ConfigPage;
class DataPreviewPanel;
class LogPanel;
class ModelTablePanel;
class RunFolderScanner;
class RunsPanel;
class StartPage;
class Theme;
} // namespace leyden::ui

namespace leyden::app {
class CheckpointDesk;
class DockFitter;
class Inspector;
class MonitorPage;
class NoticeBar;
class PreviewTabs;
class RunBar;
class StatusStrip;
class StudioActions;

/// The one window: views in the middle, docks around them, the run bar above. It wires what others
/// do: the config session, the run controller, the panels.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    struct Options
    {
        QString settingsFile; ///< empty: the user's own
        QString runsFolder;   ///< empty: that of the settings
        QRect room{};         ///< where windows may lie; null: the screen's
    };
    enum View { StartView, ConfigureView, MonitorView };

    /// `registry` outlives it.
    MainWindow(const Registry& registry, const Options& options, QWidget* parent = nullptr);
    ~MainWindow() override;

    RunController& controller() { return m_controller; }
    ConfigSession& session() { return m_session; }
    StudioActions& actions() { return *m_actions; }
    StudioContext& context() { return m_context; }
    QString runsFolder() const { return m_context.runsFolder(); }

public Q_SLOTS:
    bool openPreset(const QString& name);
    /// A config, or a table to make one for. Reads it beside the window: its disk may be slow.
    void openFile(const QString& file);
    void openAndStart(const QString& file); ///< starts a run once it is read
    void restoreLastConfig();               ///< that of the last time, else the start page
    void showView(int view);
    void goToView(int view); ///< chosen by hand: keys act on what it shows
    void startRun();
    /// Reads the run's folder first, beside the window: it may be slow.
    void resumeRun(const QString& folder, const QString& checkpoint = QStringLiteral("last"));
    void branchRun(const QString& checkpoint); ///< asks what the new run takes, then opens its
                                               ///< config
    void exportConfig(const QString& file);
    /// The same, but offers to copy data that lies elsewhere beside it.
    void exportWithData(const QString& file);
    void setRunsFolder(const QString& folder);

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    /// What becomes of a config once it is read.
    enum class Reading { Open, OpenAndStart, Restore };

    /// A run that will go on, or a branch of it that will be opened, once its folder is read.
    struct Resumption
    {
        QString folder;
        QString checkpoint;
        bool isPaused = false; ///< it holds as soon as it is there
        bool isBranch = false;
        bool mayGoBack = false; ///< what it sets aside was said, and is wanted
        QStringList parts{};    ///< of a branch: what it takes, as in ckpt_restore; empty:
                                ///< everything
        bool operator==(const Resumption&) const = default;
    };

    void setupCentral();
    QWidget* makeConfigureView();
    void setupDocks();
    void connectStart();
    void connectPreview();
    void requestPreview();
    void setupMenus();
    void keepDocks(int view); ///< remembers which docks a view hides
    void applyDocks(int view);
    void connectActions();
    void connectConfig();
    void connectRun();
    void connectPanels();
    void restoreLayout(const QRect& room);
    void placeWindow(const QRect& room);
    void saveState();
    void resetLayout();

    bool report(const QString& problem); ///< true where there is none
    void configOpened();
    void refreshConfig();
    void findThreads();
    void refreshStart();
    void revealProblem();
    QString deskCommand() const;
    bool hasDeskFile() const; ///< a command can name what is on the desk
    ShownConfig deskConfig() const;
    ShownConfig configOf(const RunRecord& run) const;
    ShownConfig shownConfig() const; ///< in the inspector, and by its command
    bool showsRun() const;           ///< the inspector tells of the shown run, not of the desk
    void refreshInspector();
    void refreshTitle();
    void exportAs();
    void openRecent(QMenu& menu);
    void showRecent();
    void readConfig(const QString& file, Reading reading);
    void takeConfig(const ConfigFile& read);
    void stopReading(); ///< the config that is being read is no longer wanted
    void openTable(const QString& file);
    QString lastFolder() const; ///< of the config, or of the file opened last; empty: neither
    void openRunConfig(const QString& folder); ///< that a run was started with, to edit and start
    void takeRunConfig(const ConfigFile& read, const QString& folder);

    /// `before`: the run that goes on in its folder; a new run: {}.
    void begin(const RunOrder& order, const RunHistory& before, const RunRecord& first);
    void resume(const Resumption& resumption); ///< not beside a run that is on
    void readForResume(const Resumption& resumption);
    void goOn(const RunHistory& history);  ///< with m_resumption
    void forgetResume(const QString& why); ///< no resume: no word
    void openBranch(const RunHistory& parent, const Resumption& branch);
    /// True where the run would go on from a step before its last row: then the answer decides.
    bool asksToGoBack(const RunHistory& history, const Resumption& resumption);
    void closeAtEndOfRun(const QString& question); ///< a question that makes sense while the run is
                                                   ///< on
    void phaseChanged();
    void take(const EventBatch& batch);
    void runEnded(const RunEnd& end);
    void reportNonFinite(NonFiniteNews news);
    void goBackBefore(double step); ///< to the newest checkpoint from before it, paused
    void takeWayBack();
    void stop(QAction* action);

    void takeRuns(const QList<ui::RunSummary>& runs);
    void selectRuns(const QStringList& folders);
    void shownRunChanged();
    void refreshRun(); ///< what the panels tell of the shown run
    void takeFound(const RunHistory& news);
    void showSaving(const SavingNews& news);
    void connectContext();
    void deleteRuns(const QStringList& folders);    ///< asks first
    void removeRuns(QStringList folders);           ///< beside the window; but for a run that is on
    void deleteForGood(const QStringList& folders); ///< what the trash would not take; asks first
    void reportLeft(const QStringList& folders);    ///< what could not be deleted
    void deleteCheckpoint(const QString& path);
    void offerCrashed(const ui::RunSummary& run);
    void log(ui::LogLevel level, const QString& text);
    void keepRunningHidden();
    void comeBack();
    void showShortcuts();

    const Registry& m_registry;
    StudioContext m_context;
    StudioSettings& m_settings;
    ConfigSession& m_session;
    RunController& m_controller;
    ConfigPreview m_preview;
    HistoryLoader m_resumeHistory;
    Resumption m_resumption; ///< while m_resumeHistory is busy
    QTimer m_resumeNotice;   ///< says that it takes some time
    ui::BackgroundReader m_configReader;
    QTimer m_readNotice; ///< says that it takes some time
    QString m_readFile;  ///< while m_configReader is busy
    Reading m_reading = Reading::Open;
    ui::BackgroundReader m_recentReader;
    QStringList m_goneFiles; ///< of the recent ones, when they were last looked for
    StudioActions* m_actions;
    ui::Theme* m_theme;
    NoticeBar* m_notices;
    QStackedWidget* m_views;
    ui::StartPage* m_start = nullptr;
    ui::ConfigPage* m_configPage = nullptr;
    ui::DataPreviewPanel* m_dataPanel = nullptr;
    ui::ModelTablePanel* m_modelPanel = nullptr;
    QSplitter* m_configSplitter = nullptr;
    PreviewTabs* m_looks = nullptr;
    MonitorPage* m_monitor;
    RunBar* m_runBar;
    StatusStrip* m_status;
    ui::RunsPanel* m_runs;
    ui::RunFolderScanner* m_scanner;
    Inspector* m_inspector;
    CheckpointDesk* m_checkpointDesk;
    ui::LogPanel* m_log;
    ui::LogModel* m_liveLog;      ///< of the window and the live run
    ui::LogModel* m_pastLog;      ///< of a run of the folder that is shown
    QList<ui::LogEntry> m_ownLog; ///< what the window itself had to say
    ui::BackgroundReader m_spaceReader;
    QDockWidget* m_inspectorDock = nullptr;
    DockFitter* m_dockFitter = nullptr;
    QDockWidget* m_logDock = nullptr;
    QSystemTrayIcon* m_tray = nullptr;
    QByteArray m_firstLayout;
    QHash<int, QStringList> m_hiddenDocks; ///< of each view
    QStringList m_offered;
    std::optional<NonFiniteNews> m_nonFinite; ///< of the last such notice
    QString m_lastGood;                       ///< checkpoint that this notice offers; "": none
    QString m_wayBack; ///< checkpoint to go on from once the run has ended; "": none
    bool m_closesWhenEnded = false;
    QTimer m_saveTimer;
};

} // namespace leyden::app
