// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/main_window.h"

#include "app/headless/resources.h"
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/window/activity_bar.h"
#include "app/studio/window/checkpoint_desk.h"
#include "app/studio/window/dock_fitter.h"
#include "app/studio/window/monitor_page.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/preview_tabs.h"
#include "app/studio/window/question.h"
#include "app/studio/window/run_bar.h"
#include "app/studio/window/status_strip.h"
#include "app/studio/window/studio_actions.h"
#include "app/studio/window/window_geometry.h"
#include "widgets/common/icon.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_page.h"
#include "widgets/data/data_preview_panel.h"
#include "widgets/data/model_table_panel.h"
#include "widgets/log/log_panel.h"
#include "widgets/runs/run_folder_scanner.h"
#include "widgets/runs/runs_panel.h"
#include "widgets/start/start_page.h"

#include <QCloseEvent>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QScreen>
#include <QSplitter>
#include <QStackedWidget>
#include <QSystemTrayIcon>
#include <QUrl>
#include <QVBoxLayout>

namespace leyden::app {
namespace {

constexpr int layoutVersion = 1;
constexpr int saveEveryMs = 120'000;
constexpr DockWidths firstDockWidths{345, 310};
const auto geometryKey = QStringLiteral("window/geometry");
const auto layoutKey = QStringLiteral("window/layout");
const auto configPageKey = QStringLiteral("window/configPage");
const auto dockWidthsKey = QStringLiteral("window/dockWidths");
const auto monitorKey = QStringLiteral("window/monitor");
const auto configSplitterKey = QStringLiteral("window/configSplitter");
const auto lastPresetKey = QStringLiteral("last/preset");
const auto lastDeskKey = QStringLiteral("last/desk");
const auto lastFileKey = QStringLiteral("last/file");

QString hiddenDocksKey(int view)
{
    return QStringLiteral("window/hiddenDocks%1").arg(view);
}

/// A form needs the room that curves leave to the docks.
QHash<int, QStringList> firstHiddenDocks()
{
    const auto runs = QStringLiteral("runsDock");
    const auto inspector = QStringLiteral("inspectorDock");
    const auto log = QStringLiteral("logDock");
    return {{MainWindow::StartView, {inspector, log}},
        {MainWindow::ConfigureView, {runs, inspector, log}}, {MainWindow::MonitorView, {}}};
}

} // namespace

MainWindow::MainWindow(const Registry& registry, const Options& options, QWidget* parent)
    : QMainWindow(parent)
    , m_registry(registry)
    , m_context(registry, options.settingsFile, options.runsFolder)
    , m_settings(m_context.settings())
    , m_session(m_context.session())
    , m_controller(m_context.controller())
    , m_preview(registry, QString::fromStdString(headless::resource_folder().string()))
    , m_actions(new StudioActions(this))
    , m_theme(new ui::Theme(this))
    , m_notices(new NoticeBar(this))
    , m_views(new QStackedWidget(this))
    , m_monitor(new MonitorPage(this))
    , m_runBar(new RunBar(*m_actions, this))
    , m_status(new StatusStrip(this))
    , m_runs(new ui::RunsPanel(this))
    , m_scanner(new ui::RunFolderScanner(this))
    , m_inspector(new Inspector(this))
    , m_checkpointDesk(new CheckpointDesk(registry, this))
    , m_log(new ui::LogPanel(this))
    , m_liveLog(m_log->model())
    , m_pastLog(new ui::LogModel(this))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(ui::Icon::application());
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    resize(1280, 800);
    setupCentral();
    setupDocks();
    setupMenus();
    connectActions();
    connectStart();
    connectConfig();
    connectPreview();
    connectContext();
    connectRun();
    connectPanels();
    restoreLayout(options.room);
    refreshConfig();
    shownRunChanged();
    m_scanner->setFolder(m_context.runsFolder());
}

MainWindow::~MainWindow()
{
    // Members go before the widgets: nothing may hear from a run that ends now.
    m_context.disconnect(this);
    m_controller.disconnect(this);
    m_resumeHistory.disconnect(this);
    m_session.disconnect(this);
    m_preview.disconnect();
}

void MainWindow::setupCentral()
{
    addToolBar(Qt::LeftToolBarArea, new ActivityBar(*m_actions->views, this));
    addToolBar(Qt::TopToolBarArea, m_runBar);
    setStatusBar(m_status);
    m_configPage = new ui::ConfigPage(m_session.document(), this);
    m_configPage->addTool(m_actions->findThreads);
    m_views->setObjectName(QStringLiteral("views"));
    m_start = new ui::StartPage(this);
    m_views->addWidget(m_start);
    m_views->addWidget(makeConfigureView());
    m_views->addWidget(m_monitor);
    auto* central = new QWidget(this);
    auto* layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_notices);
    layout->addWidget(m_views, 1);
    setCentralWidget(central);
}

QWidget* MainWindow::makeConfigureView()
{
    m_dataPanel = new ui::DataPreviewPanel(this);
    m_modelPanel = new ui::ModelTablePanel(this);
    m_dataPanel->setReloadable(true);
    m_looks = new PreviewTabs(this);
    m_looks->addTab(m_dataPanel, tr("Data"));
    m_looks->addTab(m_modelPanel, tr("Model"));
    m_configSplitter = new QSplitter(Qt::Vertical, this);
    m_configSplitter->setObjectName(QStringLiteral("configureSplitter"));
    m_configSplitter->setHandleWidth(1);
    m_configSplitter->addWidget(m_configPage);
    m_configSplitter->addWidget(m_looks);
    m_configSplitter->setSizes({400, 280}); // both grow with the window
    return m_configSplitter;
}

void MainWindow::setupDocks()
{
    const auto add = [this](const char* name, const QString& title, QWidget* widget,
                         Qt::DockWidgetArea area, const QString& keys) {
        auto* dock = new QDockWidget(title, this);
        dock->setObjectName(QLatin1String(name));
        dock->setWidget(widget);
        dock->toggleViewAction()->setObjectName(QLatin1String(name) + QStringLiteral("Toggle"));
        dock->toggleViewAction()->setShortcut(QKeySequence(keys));
        addDockWidget(area, dock);
        return dock;
    };
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    auto* runs = add("runsDock", tr("Runs"), m_runs, Qt::LeftDockWidgetArea, tr("Ctrl+Shift+1"));
    m_inspectorDock = add(
        "inspectorDock", tr("Inspector"), m_inspector, Qt::RightDockWidgetArea, tr("Ctrl+Shift+2"));
    m_logDock = add("logDock", tr("Log"), m_log, Qt::BottomDockWidgetArea, tr("Ctrl+Shift+3"));
    m_dockFitter = new DockFitter(*this, *runs, *m_inspectorDock, firstDockWidths);
    resizeDocks({m_logDock}, {150}, Qt::Vertical);
}

void MainWindow::setupMenus()
{
    auto& a = *m_actions;
    auto* file = menuBar()->addMenu(tr("&File"));
    file->addActions({a.openConfig, a.openTable});
    auto* recent = file->addMenu(tr("Open &recent"));
    recent->setObjectName(QStringLiteral("recentMenu"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { openRecent(*recent); });
    file->addSeparator();
    file->addActions({a.save, a.saveAs, a.copyCommand});
    file->addSeparator();
    file->addActions({a.chooseRunsFolder, a.quit});
    auto* edit = menuBar()->addMenu(tr("&Edit"));
    edit->addActions({m_configPage->undoAction(), m_configPage->redoAction()});
    auto* run = menuBar()->addMenu(tr("&Run"));
    run->addActions({a.start, a.pause});
    run->addSeparator();
    run->addActions({a.checkpointNow, a.validateNow});
    run->addSeparator();
    run->addActions(a.stops);
    run->addSeparator();
    run->addAction(a.findThreads);
    auto* view = menuBar()->addMenu(tr("&View"));
    view->addActions(a.views->actions());
    view->addSeparator();
    for (auto* dock : findChildren<QDockWidget*>())
        view->addAction(dock->toggleViewAction());
    view->addSeparator();
    view->addMenu(tr("&Theme"))->addActions(a.themes->actions());
    view->addAction(a.resetLayout);
    menuBar()->addMenu(tr("&Help"))->addActions({a.help, a.shortcuts, a.about});
    for (auto* action : a.findChildren<QAction*>())
        addAction(action); // its shortcut holds in the whole window
}

void MainWindow::restoreLayout(const QRect& room)
{
    m_firstLayout = QMainWindow::saveState(layoutVersion);
    m_theme->setMode(m_settings.theme());
    for (auto* action : m_actions->themes->actions())
        action->setChecked(action->data().toInt() == int(m_theme->mode()));
    placeWindow(room.isNull() ? screen()->availableGeometry() : room);
    restoreState(m_settings.bytes(layoutKey), layoutVersion);
    m_configPage->restoreState(m_settings.bytes(configPageKey));
    m_hiddenDocks = firstHiddenDocks();
    for (int view = StartView; view <= MonitorView; ++view)
        if (const auto kept = m_settings.text(hiddenDocksKey(view)); !kept.isEmpty())
            m_hiddenDocks[view] = kept.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    applyDocks(m_views->currentIndex());
    m_configSplitter->restoreState(m_settings.bytes(configSplitterKey));
    m_monitor->restoreState(m_settings.bytes(monitorKey));
    const auto widths = m_settings.text(dockWidthsKey).split(QLatin1Char(' '));
    if (widths.size() == 2 && widths[0].toInt() > 0 && widths[1].toInt() > 0)
        m_dockFitter->setWanted({widths[0].toInt(), widths[1].toInt()});
    connect(&m_saveTimer, &QTimer::timeout, this, &MainWindow::saveState);
    m_saveTimer.start(saveEveryMs);
}

void MainWindow::placeWindow(const QRect& room)
{
    const auto kept = m_settings.bytes(geometryKey);
    const bool isBack = restoreGeometry(kept);
    if (!isMaximized() && !isFullScreen())
        setGeometry(fittedGeometry(geometry(), room));
    if (!isBack && room.width() < smallScreen)
        setWindowState(windowState() | Qt::WindowMaximized);
}

void MainWindow::saveState()
{
    m_settings.setBytes(geometryKey, saveGeometry());
    m_settings.setBytes(layoutKey, QMainWindow::saveState(layoutVersion));
    m_settings.setBytes(configPageKey, m_configPage->saveState());
    keepDocks(m_views->currentIndex());
    for (int view = StartView; view <= MonitorView; ++view) // a blank: none is hidden
        m_settings.setText(hiddenDocksKey(view),
            QLatin1Char(' ') + m_hiddenDocks.value(view).join(QLatin1Char(' ')));
    m_settings.setBytes(configSplitterKey, m_configSplitter->saveState());
    m_settings.setBytes(monitorKey, m_monitor->saveState());
    m_settings.setText(dockWidthsKey,
        QStringLiteral("%1 %2").arg(m_dockFitter->wanted().left).arg(m_dockFitter->wanted().right));
    if (!m_configReader.isBusy()
        || m_reading != Reading::Restore) { // else what was last is not here yet
        m_settings.setText(lastPresetKey, m_session.preset());
        m_settings.setText(lastFileKey, m_session.file());
        const bool isElsewhere = !m_session.file().isEmpty() || !m_session.preset().isEmpty();
        m_settings.setBytes(lastDeskKey,
            m_session.isModified() || !isElsewhere ? m_session.saveState() : QByteArray());
    }
    m_settings.sync();
}

void MainWindow::resetLayout()
{
    restoreState(m_firstLayout, layoutVersion);
    m_dockFitter->setWanted(firstDockWidths);
    m_hiddenDocks = firstHiddenDocks();
    applyDocks(m_views->currentIndex());
}

void MainWindow::restoreLastConfig()
{
    const auto file = m_settings.text(lastFileKey);
    const auto preset = m_settings.text(lastPresetKey);
    // with what was never saved
    const bool isBack = m_session.restoreState(m_settings.bytes(lastDeskKey));
    if (!isBack && !file.isEmpty())
        readConfig(file, Reading::Restore);
    else if (!isBack && !preset.isEmpty())
        m_session.openPreset(preset);
    showView(StartView);
}

void MainWindow::keepDocks(int view)
{
    QStringList hidden;
    for (const auto* dock : findChildren<QDockWidget*>())
        if (dock->isHidden())
            hidden += dock->objectName();
    m_hiddenDocks[view] = hidden;
}

void MainWindow::applyDocks(int view)
{
    for (auto* dock : findChildren<QDockWidget*>())
        dock->setHidden(m_hiddenDocks.value(view).contains(dock->objectName()));
}

void MainWindow::showView(int view)
{
    if (view != m_views->currentIndex()) {
        keepDocks(m_views->currentIndex());
        m_views->setCurrentIndex(view);
        applyDocks(view);
    }
    m_actions->views->actions().at(view)->setChecked(true);
    refreshInspector();
    refreshTitle();
}

void MainWindow::goToView(int view)
{
    showView(view);
    if (view == ConfigureView)
        m_configPage->focusForm();
    else if (view == MonitorView)
        m_monitor->focusCharts();
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    m_looks->fitTo(height());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveState();
    if (!m_controller.isActive()) {
        forgetResume(tr("the window was closed")); // no run begins in a window that is gone
        event->accept();
        return;
    }
    event->ignore();
    if (findChild<QWidget*>(QStringLiteral("closeQuestion")))
        return;
    const bool hasTray = QSystemTrayIcon::isSystemTrayAvailable();
    ask(this, QStringLiteral("closeQuestion"), tr("A run is in progress."),
        tr("It can be stopped with a checkpoint that loses nothing, or continue without the "
           "window."),
        {{QStringLiteral("saveAndStop"), tr("Save and stop"),
             [this] {
                 m_closesWhenEnded = true;
                 m_controller.stop(StopVerb::SaveAndStop);
             }},
            {QStringLiteral("keepRunning"),
                hasTray ? tr("Keep running in the tray") : tr("Keep running, minimized"),
                [this] { keepRunningHidden(); }}});
    closeAtEndOfRun(QStringLiteral("closeQuestion"));
}

void MainWindow::closeAtEndOfRun(const QString& question)
{
    if (auto* box = findChild<QDialog*>(question))
        connect(&m_controller, &RunController::ended, box, &QDialog::reject);
}

void MainWindow::keepRunningHidden()
{
    if (!QSystemTrayIcon::isSystemTrayAvailable()) {
        showMinimized();
        return;
    }
    if (!m_tray) {
        m_tray = new QSystemTrayIcon(windowIcon(), this);
        connect(m_tray, &QSystemTrayIcon::activated, this, &MainWindow::comeBack);
        auto* menu = new QMenu(this);
        menu->addAction(tr("Show the window"), this, &MainWindow::comeBack);
        menu->addActions({m_actions->pause, m_actions->stops.at(int(StopVerb::SaveAndStop))});
        m_tray->setContextMenu(menu);
    }
    m_tray->setToolTip(tr("Leyden: %1").arg(m_controller.order().name));
    m_tray->show();
    hide();
}

void MainWindow::comeBack()
{
    if (m_tray)
        m_tray->hide();
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const auto urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const auto urls = event->mimeData()->urls();
    if (urls.size() == 1)
        openFile(urls.first().toLocalFile());
}

} // namespace leyden::app
