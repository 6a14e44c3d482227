// SPDX-License-Identifier: GPL-3.0-or-later
// The window's part that has to do with configs: open, edit, check, export.
#include "app/headless/resources.h"
#include "app/studio/export/command_line_text.h"
#include "app/studio/export/export_config.h"
#include "app/studio/inspector/command_panel.h"
#include "app/studio/inspector/config_panel.h"
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/preview/csv_dialog.h"
#include "app/studio/session/run_name.h"
#include "app/studio/window/help_dialog.h"
#include "app/studio/window/main_window.h"
#include "app/studio/window/notice_bar.h"
#include "app/studio/window/question.h"
#include "app/studio/window/status_strip.h"
#include "app/studio/window/studio_actions.h"
#include "app/studio/window/threads_dialog.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_page.h"
#include "widgets/config/json_text.h"
#include "widgets/config/place_text.h"
#include "widgets/data/data_preview_panel.h"
#include "widgets/data/model_table_panel.h"
#include "widgets/log/log_panel.h"
#include "widgets/runs/run_folder_scanner.h"
#include "widgets/runs/runs_panel.h"
#include "widgets/start/start_page.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QStackedWidget>

namespace leyden::app {
namespace {

constexpr int readNoticeMs = 300; // what takes less is not worth a word

bool isTable(const QString& file)
{
    return file.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)
        || file.endsWith(QLatin1String(".csv.gz"), Qt::CaseInsensitive);
}

const auto configFilter
    = QT_TRANSLATE_NOOP("leyden::app::MainWindow", "Run configs (*.json *.yaml *.yml)");
const auto writtenFilter = QT_TRANSLATE_NOOP("leyden::app::MainWindow", "Run configs (*.json)");
const auto tableFilter
    = QT_TRANSLATE_NOOP("leyden::app::MainWindow", "Tables (*.csv *.csv.gz);;All files (*)");

} // namespace

void MainWindow::connectActions()
{
    auto& a = *m_actions;
    connect(a.openConfig, &QAction::triggered, this, [this] {
        const auto file
            = QFileDialog::getOpenFileName(this, tr("Open config"), lastFolder(), tr(configFilter));
        if (!file.isEmpty())
            openFile(file);
    });
    connect(a.openTable, &QAction::triggered, this, [this] {
        const auto file = QFileDialog::getOpenFileName(
            this, tr("New from a table"), lastFolder(), tr(tableFilter));
        if (!file.isEmpty()) // whatever its suffix
            openTable(file);
    });
    connect(a.save, &QAction::triggered, this, [this] {
        if (m_session.file().isEmpty() || m_session.isYaml()) // JSON is written
            exportAs();
        else
            exportConfig(m_session.file());
    });
    connect(a.saveAs, &QAction::triggered, this, &MainWindow::exportAs);
    connect(a.copyCommand, &QAction::triggered, this, [this] {
        QApplication::clipboard()->setText(shownConfig().command);
        m_status->showMessage(tr("The command is in the clipboard"), 4000);
    });
    connect(a.findThreads, &QAction::triggered, this, &MainWindow::findThreads);
    connect(a.chooseRunsFolder, &QAction::triggered, this, [this] {
        const auto folder
            = QFileDialog::getExistingDirectory(this, tr("Runs folder"), runsFolder());
        if (!folder.isEmpty())
            setRunsFolder(folder);
    });
    connect(a.quit, &QAction::triggered, this, &QWidget::close);
    connect(a.views, &QActionGroup::triggered, this,
        [this](const QAction* action) { goToView(action->data().toInt()); });
    connect(a.themes, &QActionGroup::triggered, this, [this](const QAction* action) {
        const auto mode = ui::ThemeMode(action->data().toInt());
        m_theme->setMode(mode);
        m_settings.setTheme(mode);
    });
    connect(a.resetLayout, &QAction::triggered, this, &MainWindow::resetLayout);
    connect(a.help, &QAction::triggered, this, [this] {
        HelpDialog::ofViews(QString::fromStdString(headless::resource_folder().string()), this)
            ->open();
    });
    connect(a.shortcuts, &QAction::triggered, this, &MainWindow::showShortcuts);
    connect(a.about, &QAction::triggered, this, [this] {
        const auto text
            = tr("<h3>Leyden %1</h3><p>Trains models with PyTorch Lightning's Trainer, written in "
                 "C++ on LibTorch.</p><p>GPL-3.0-or-later.</p>")
                  .arg(QApplication::applicationVersion());
        (new HelpDialog(tr("About Leyden"), text, {420, 220}, this))->open();
    });
}

void MainWindow::showShortcuts()
{
    const QList<HelpDialog::Group> more{
        {tr("Configure"),
            {{tr("Search options"), tr("Ctrl+F")}, {tr("Undo, redo"), tr("Ctrl+Z, Ctrl+Shift+Z")}}},
        {tr("A chart"),
            {{tr("Zoom x, zoom y"), tr("wheel, Ctrl+wheel")}, {tr("Move"), tr("drag")},
                {tr("Zoom into a box"), tr("Shift+drag")},
                {tr("Show all"), tr("double-click, Home")},
                {tr("The view before"), tr("Backspace")}, {tr("Follow the newest values"), tr("F")},
                {tr("Logarithmic y axis"), tr("L")},
                {tr("Values of the next point, of the one before"), tr("Right, Left")},
                {tr("Show one curve alone, hide it"), tr("click, Ctrl+click in the legend")}}}};
    HelpDialog::ofShortcuts(*menuBar(), more, this)->open();
}

void MainWindow::connectConfig()
{
    connect(&m_session, &ConfigSession::opened, this, &MainWindow::configOpened);
    connect(&m_session, &ConfigSession::saved, this, [this](const QString& file) {
        m_settings.addRecentFile(file);
        refreshStart();
        refreshConfig();
    });
    connect(&m_session, &ConfigSession::checked, this, &MainWindow::refreshConfig);
    connect(&m_session, &ConfigSession::problemsAdded, this, &MainWindow::refreshConfig);
    connect(&m_session.document(), &ui::ConfigDocument::textProblemChanged, this,
        &MainWindow::refreshConfig);
    connect(&m_session.document(), &ui::ConfigDocument::changed, this, &MainWindow::refreshTitle);
    m_readNotice.setSingleShot(true);
    m_readNotice.setInterval(readNoticeMs);
    connect(&m_readNotice, &QTimer::timeout, this, [this] {
        m_notices->add(
            {ui::IconTone::Muted, tr("Reading %1…").arg(QDir::toNativeSeparators(m_readFile)),
                {{QStringLiteral("cancelReading"), tr("Cancel"), [this] { stopReading(); }}},
                QStringLiteral("reading")});
    });
    connect(m_status, &StatusStrip::problemsClicked, this, &MainWindow::revealProblem);
    connect(m_inspector->config(), &ConfigPanel::openRequested, this,
        [this] { openRunConfig(m_context.shown().folder); });
    connect(m_inspector->config(), &ConfigPanel::chosen, this, [this](const QString& pointer) {
        showView(ConfigureView);
        m_configPage->reveal(pointer);
    });
    connect(m_inspector->command(), &CommandPanel::copyRequested, m_actions->copyCommand,
        &QAction::trigger);
}

bool MainWindow::report(const QString& problem)
{
    if (problem.isEmpty())
        return true;
    log(ui::LogLevel::Error, problem);
    m_notices->add({ui::IconTone::Error, problem, {}, QStringLiteral("open")});
    return false;
}

bool MainWindow::openPreset(const QString& name)
{
    return report(m_session.openPreset(name));
}

void MainWindow::openFile(const QString& file)
{
    if (isTable(file))
        openTable(file);
    else
        readConfig(file, Reading::Open);
}

void MainWindow::openAndStart(const QString& file)
{
    if (isTable(file))
        openTable(file);
    else
        readConfig(file, Reading::OpenAndStart);
}

void MainWindow::readConfig(const QString& file, Reading reading)
{
    m_readFile = file;
    m_reading = reading;
    m_configReader.start([file] { return readConfigFile(file); },
        [this](const ConfigFile& read) { takeConfig(read); });
    m_readNotice.start();
}

void MainWindow::takeConfig(const ConfigFile& read)
{
    stopReading();
    if (m_reading == Reading::Restore) {
        const auto view = m_views->currentIndex(); // it is as it was; nobody waits for it
        m_session.openRead(read);
        showView(view);
        return;
    }
    if (!report(m_session.openRead(read)))
        return;
    m_settings.addRecentFile(m_session.file());
    refreshStart();
    if (m_reading == Reading::OpenAndStart)
        startRun();
}

void MainWindow::stopReading()
{
    m_configReader.forget();
    m_readNotice.stop();
    m_notices->drop(QStringLiteral("reading"));
}

void MainWindow::openTable(const QString& file)
{
    auto* dialog = new CsvDialog(file, this);
    dialog->setObjectName(QStringLiteral("csvDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, file] {
        const QFileInfo info(file);
        if (!report(m_session.openText(
                dialog->configText().toUtf8(), info.completeBaseName(), info.absolutePath())))
            return;
        m_settings.addRecentFile(info.absoluteFilePath());
        refreshStart();
    });
    dialog->open();
}

void MainWindow::openRunConfig(const QString& folder)
{
    m_readFile = folder + QStringLiteral("/config.json");
    m_reading = Reading::Open;
    m_configReader.start([file = m_readFile] { return readConfigFile(file); },
        [this, folder](const ConfigFile& read) { takeRunConfig(read, folder); });
    m_readNotice.start();
}

void MainWindow::takeRunConfig(const ConfigFile& read, const QString& folder)
{
    stopReading();
    if (!report(read.problem))
        return;
    auto parsed = ui::parseJsonText(QString::fromUtf8(read.json));
    if (parsed.problem.isEmpty()) // what the run's folder spells out, as people write it
        parsed.document
            = withResourceNames(parsed.document, headless::resource_folder(), m_registry);
    report(m_session.openText(
        parsed.problem.isEmpty() ? ui::jsonText(parsed.document).toUtf8() : read.json,
        shortName(folder), folder, ConfigSession::Origin::Run));
}

void MainWindow::connectStart()
{
    connect(m_start, &ui::StartPage::presetChosen, this, &MainWindow::openPreset);
    connect(m_start, &ui::StartPage::configChosen, this, &MainWindow::openFile);
    connect(m_start, &ui::StartPage::csvChosen, this, &MainWindow::openTable);
    connect(m_start, &ui::StartPage::forgetRecentRequested, this, [this](const QString& file) {
        m_settings.forgetRecentFile(file);
        refreshStart();
    });
    try {
        QList<ui::PresetCard> cards;
        for (const auto& preset : headless::presets())
            cards.append({QString::fromStdString(preset.name), QString::fromStdString(preset.title),
                QString::fromStdString(preset.summary), QString::fromStdString(preset.data),
                preset.seconds, QString::fromStdString(preset.hint)});
        m_start->setPresets(cards);
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
    }
    refreshStart();
}

void MainWindow::connectPreview()
{
    connect(&m_preview, &ConfigPreview::started, m_dataPanel, &ui::DataPreviewPanel::showLoading);
    connect(&m_preview, &ConfigPreview::started, m_modelPanel, &ui::ModelTablePanel::showLoading);
    connect(&m_preview, &ConfigPreview::dataReady, m_dataPanel, &ui::DataPreviewPanel::showPreview);
    connect(&m_preview, &ConfigPreview::modelReady, m_modelPanel, &ui::ModelTablePanel::showTable);
    connect(&m_preview, &ConfigPreview::failed, this,
        [this](ConfigPreview::Part what, const QString& sentence) {
            if (what == ConfigPreview::Data)
                m_dataPanel->showProblem(sentence);
            else
                m_modelPanel->showProblem(sentence);
        });
    connect(&m_preview, &ConfigPreview::problemsFound, &m_session, &ConfigSession::addProblems);
    connect(&m_preview, &ConfigPreview::namesFound, &m_session.document(),
        &ui::ConfigDocument::setKnownNames);
    connect(&m_preview, &ConfigPreview::filesChanged, &m_session, &ConfigSession::check);
    connect(m_dataPanel, &ui::DataPreviewPanel::reloadRequested, this, [this] {
        m_preview.forget();
        m_session.check(); // and so all that was found out anew
    });
    connect(&m_session, &ConfigSession::checked, this, &MainWindow::requestPreview);
}

void MainWindow::requestPreview()
{
    m_preview.request(QString::fromUtf8(m_session.order({}).config), m_session.folder());
}

void MainWindow::configOpened()
{
    stopReading(); // this one is newer
    m_notices->drop(QStringLiteral("open"));
    m_runs->clearSelection();
    m_context.showLive();
    m_dataPanel->showOld(); // until those of this config are read
    m_modelPanel->showOld();
    refreshConfig();
    showView(ConfigureView);
    if (const auto before = m_session.replaced(); !before.isEmpty())
        m_notices->add({ui::IconTone::Accent, tr("The config before this one was not saved."),
            {{QStringLiteral("bringBackConfig"), tr("Bring it back"),
                [this, before] { m_session.restoreState(before); }}},
            QStringLiteral("open")});
}

void MainWindow::findThreads()
{
    m_session.check(); // what was typed a moment ago counts
    const auto config = m_session.resolved();
    if (config.is_null()) {
        revealProblem();
        return;
    }
    const auto program = ThreadsDialog::command();
    if (program.isEmpty()) {
        report(tr("The search needs the command leyden, which is not beside this program; install "
                  "Leyden anew"));
        return;
    }
    auto* dialog = new ThreadsDialog(QByteArray::fromStdString(config.dump()), program, this);
    connect(dialog, &ThreadsDialog::chosen, this, [this](int threads) {
        const auto pointer = QStringLiteral("/num_threads");
        m_session.document().setValue(pointer, threads);
        m_session.document().finishEdit();
        showView(ConfigureView);
        m_configPage->reveal(pointer);
    });
    dialog->open();
}

void MainWindow::refreshConfig()
{
    QStringList problems;
    if (!m_session.isOpen())
        problems += tr("No config is open");
    for (const auto& problem : m_session.document().problems())
        problems
            += ui::placedMessage(m_session.document().config(), problem.pointer, problem.message);
    m_actions->setConfigName(m_session.isOpen() ? m_session.name() : QString());
    m_actions->update(m_controller.phase(), m_controller.isPauseWanted(), problems);
    m_status->showProblems(int(m_session.document().problems().size()), m_session.isOpen());
    m_actions->save->setEnabled(m_session.isOpen());
    m_actions->saveAs->setEnabled(m_session.isOpen());
    refreshTitle();
    refreshInspector();
}

bool MainWindow::hasDeskFile() const
{
    return !m_session.preset().isEmpty()
        || (!m_session.file().isEmpty() && !m_session.isModified());
}

ShownConfig MainWindow::deskConfig() const
{
    if (!m_session.isOpen())
        return {tr("No config"), {}, {}, {}, {}, {},
            tr("The command that runs a config is shown here once one is open.")};
    const auto from = !m_session.preset().isEmpty() ? tr("the preset %1").arg(m_session.preset())
        : !m_session.file().isEmpty()               ? QFileInfo(m_session.file()).fileName()
                                                    : tr("where it began");
    return {m_session.name(), from, m_session.document().changes(), m_session.document().config(),
        {}, deskCommand(),
        hasDeskFile()
            ? tr("This command does in a terminal what Start does here, with the same numbers:")
            : tr("Save this config first (%1). Then this command does in a terminal what "
                 "Start does here:")
                  .arg(m_actions->saveAs->shortcut().toString(QKeySequence::NativeText))};
}

void MainWindow::revealProblem()
{
    const auto problems = m_session.document().problems();
    if (problems.isEmpty())
        return;
    showView(ConfigureView);
    m_configPage->reveal(problems.first().pointer);
}

QString MainWindow::deskCommand() const
{
    if (!m_session.preset().isEmpty()) {
        try {
            const PathRoots roots{m_session.folder().toStdString(), headless::resource_folder()};
            if (const auto command
                = presetFitCommand(m_session.preset(), {m_session.document().baseline(), roots},
                    {m_session.document().config(), roots}, m_registry))
                return *command;
        } catch (const std::exception& error) {
            return tr("# no command: %1").arg(QString::fromUtf8(error.what()));
        }
    }
    return fitCommand(m_session.file().isEmpty() || m_session.isModified()
            ? m_session.name() + QStringLiteral(".json")
            : m_session.file());
}

QString MainWindow::lastFolder() const
{
    const auto file
        = m_session.file().isEmpty() ? m_settings.recentFiles().value(0) : m_session.file();
    const auto folder = QFileInfo(file).absolutePath();
    return file.isEmpty() || !QFileInfo::exists(folder) ? QString() : folder;
}

void MainWindow::exportAs()
{
    const auto file = QFileDialog::getSaveFileName(this, tr("Save config as"),
        QDir(lastFolder()).filePath(m_session.name() + QStringLiteral(".json")), tr(writtenFilter));
    if (!file.isEmpty())
        exportWithData(file);
}

void MainWindow::exportWithData(const QString& file)
{
    const auto tables = m_session.dataElsewhere(file);
    if (tables.isEmpty()) {
        exportConfig(file);
        return;
    }
    const auto copy = [this, file, tables] {
        auto* copier = new ui::BackgroundReader(this); // a large table takes its time
        m_status->showMessage(tr("Copying the data…"));
        copier->start([file, tables] { return copyBeside(tables, QFileInfo(file).absolutePath()); },
            [this, copier, file, tables](const QString& problem) {
                copier->deleteLater();
                m_status->clearMessage();
                if (report(problem) && report(m_session.saveAs(file, tables)))
                    m_status->showMessage(
                        tr("Written: %1").arg(QDir::toNativeSeparators(file)), 4000);
            });
    };
    QStringList names;
    for (const auto& each : tables)
        names += QDir::toNativeSeparators(each);
    ask(this, QStringLiteral("copyDataQuestion"), tr("Copy the data beside the config?"),
        tr("It reads %1. With a copy beside it, its folder can be taken to another machine.")
            .arg(names.join(QStringLiteral(", "))),
        {{QStringLiteral("copyData"), tr("Copy"), copy},
            {QStringLiteral("leaveData"), tr("Leave it there"),
                [this, file] { exportConfig(file); }}});
}

void MainWindow::exportConfig(const QString& file)
{
    if (report(m_session.saveAs(file)))
        m_status->showMessage(tr("Written: %1").arg(QDir::toNativeSeparators(file)), 4000);
}

void MainWindow::openRecent(QMenu& menu)
{
    menu.clear();
    for (const auto& file : m_settings.recentFiles()) {
        auto* action = menu.addAction(
            QDir::toNativeSeparators(file), this, [this, file] { openFile(file); });
        action->setEnabled(!m_goneFiles.contains(file));
    }
    if (menu.isEmpty())
        menu.addAction(tr("No config was opened yet"))->setEnabled(false);
    refreshStart(); // for the next time
}

void MainWindow::refreshStart()
{
    showRecent();
    const auto look = [files = m_settings.recentFiles()] {
        QStringList gone;
        for (const auto& file : files)
            if (!QFile::exists(file)) // a disk may not answer
                gone += file;
        return gone;
    };
    m_recentReader.start(look, [this](const QStringList& gone) {
        m_goneFiles = gone;
        showRecent();
    });
}

void MainWindow::showRecent()
{
    QList<ui::RecentConfig> configs;
    for (const auto& file : m_settings.recentFiles())
        configs.append({file, m_goneFiles.contains(file) ? tr("the file is gone") : QString()});
    m_start->setRecentConfigs(configs);
}

void MainWindow::setRunsFolder(const QString& folder)
{
    m_context.setRunsFolder(folder);
}

void MainWindow::log(ui::LogLevel level, const QString& text)
{
    const QList<ui::LogEntry> entry{{QDateTime::currentDateTime(), level, text}};
    m_ownLog += entry;
    m_liveLog->appendEntries(entry);
    if (m_log->model() != m_liveLog) // whoever waits for this word looks there
        m_log->appendEntries(entry);
}

} // namespace leyden::app
