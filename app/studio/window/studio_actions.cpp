// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/studio_actions.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"

namespace leyden::app {

StudioActions::StudioActions(QObject* parent)
    : QObject(parent), views(new QActionGroup(this)), themes(new QActionGroup(this))
{
    setupFile();
    setupRun();
    setupConfig();
    setupView();
    setupHelp();
    update(RunPhase::Idle, false, {tr("No config is open")});
}

QAction* StudioActions::add(const char* name, const QString& text, const QString& tip,
    const QKeySequence& keys, const char* icon)
{
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(keys);
    action->setWhatsThis(tip); // a status tip would cover the state of the run
    action->setToolTip(keys.isEmpty()
            ? tip
            : QStringLiteral("%1 (%2)").arg(tip, keys.toString(QKeySequence::NativeText)));
    if (*icon != '\0')
        action->setIcon(ui::Icon::themed(QLatin1String(icon)));
    return action;
}

void StudioActions::setupFile()
{
    openConfig = add("openConfig", tr("&Open config…"), tr("Open a run config"),
        QKeySequence(QKeySequence::Open), "folder");
    openTable = add("openTable", tr("New from a &table…"), tr("Make a config for a CSV file"),
        QKeySequence(tr("Ctrl+T")), "data");
    save = add("saveConfig", tr("&Save config"), tr("Write the config to its file"),
        QKeySequence(QKeySequence::Save));
    saveAs = add("exportConfig", tr("Save config &as…"),
        tr("Write the config as a file that leyden fit takes"), QKeySequence(tr("Ctrl+Shift+S")),
        "export");
    copyCommand = add("copyCommand", tr("&Copy command line"),
        tr("Copy the command that runs this without a window"), QKeySequence(tr("Ctrl+Shift+C")),
        "copy");
    chooseRunsFolder = add("chooseRunsFolder", tr("&Runs folder…"),
        tr("Choose where runs are written and looked for"), QKeySequence(tr("Ctrl+Shift+O")));
    quit = add("quit", tr("&Quit"), tr("Quit Leyden"), QKeySequence(tr("Ctrl+Q")));
}

void StudioActions::setupRun()
{
    // Far from the keys that stop it.
    start = add("startRun", tr("Start"), tr("Start a run"), QKeySequence(tr("F5")), "play");
    pause = add("pauseRun", tr("Pause"), {}, QKeySequence(tr("F6")), "pause");
    checkpointNow = add("checkpointNow", tr("Checkpoint"), tr("Write a checkpoint now"),
        QKeySequence(tr("F7")), "checkpoint");
    validateNow = add("validateNow", tr("Validate"),
        tr("Validate now, beside the run: nothing after it changes"), QKeySequence(tr("F8")),
        "validate");
    const auto stop = [this](const char* name, const QString& text, const QString& tip,
                          const QString& keys, StopVerb verb) {
        auto* action = add(name, text, tip, QKeySequence(keys));
        action->setData(int(verb));
        stops.append(action);
    };
    stop("stopAfterStep", tr("Stop after this step"),
        tr("Leave after the running batch; what was saved stays"), tr("Ctrl+Alt+1"),
        StopVerb::AfterStep);
    stop("stopAfterEpoch", tr("Stop after this epoch"),
        tr("Finish the epoch with its validation and checkpoints"), tr("Ctrl+Alt+2"),
        StopVerb::AfterEpoch);
    stop("stopAfterCheckpoint", tr("Stop after the next checkpoint"),
        tr("Leave as soon as the next checkpoint is written"), tr("Ctrl+Alt+3"),
        StopVerb::AfterCheckpoint);
    stop("stopSaveAndStop", tr("Save and stop"),
        tr("Write a checkpoint, then leave: a resume loses nothing"), tr("Ctrl+Alt+4"),
        StopVerb::SaveAndStop);
    stop("stopDiscard", tr("Stop and discard…"), tr("Leave, and delete the run's folder"),
        tr("Ctrl+Alt+5"), StopVerb::Discard);
    for (auto* action : std::as_const(stops))
        action->setIcon(ui::Icon::themed(QString::fromLatin1(
            action->data().toInt() == int(StopVerb::Discard) ? "trash" : "stop")));
}

void StudioActions::setupConfig()
{
    findThreads = add("findThreads", tr("Find &threads…"),
        tr("Measure with how many threads this config trains fastest"), QKeySequence(tr("F9")),
        "sliders");
}

void StudioActions::setupView()
{
    const auto view
        = [this](const char* name, const QString& text, const QString& tip, const char* icon) {
              const auto index = views->actions().size();
              auto* action = add(
                  name, text, tip, QKeySequence(QStringLiteral("Ctrl+%1").arg(index + 1)), icon);
              action->setCheckable(true);
              action->setData(int(index));
              views->addAction(action);
          };
    view("viewStart", tr("Start"), tr("Presets and recent configs"), "home");
    view("viewConfigure", tr("Configure"), tr("The config that a run starts with"), "sliders");
    view("viewMonitor", tr("Monitor"), tr("The curves of a run"), "chart");
    views->actions().first()->setChecked(true);

    const auto theme = [this](const char* name, const QString& text, const QString& keys,
                           const char* icon, ui::ThemeMode mode) {
        auto* action = add(name, text, text, QKeySequence(keys), icon);
        action->setCheckable(true);
        action->setData(int(mode));
        themes->addAction(action);
    };
    theme("themeSystem", tr("As the system"), tr("Ctrl+Alt+S"), "", ui::ThemeMode::System);
    theme("themeLight", tr("Light"), tr("Ctrl+Alt+L"), "sun", ui::ThemeMode::Light);
    theme("themeDark", tr("Dark"), tr("Ctrl+Alt+D"), "moon", ui::ThemeMode::Dark);
    resetLayout = add("resetLayout", tr("Reset layout"), tr("Panels back to where they were"),
        QKeySequence(tr("Ctrl+Alt+0")), "reset");
}

void StudioActions::setupHelp()
{
    help = add("help", tr("Leyden &Help"), tr("What the views and keys do"),
        QKeySequence(QKeySequence::HelpContents), "info");
    shortcuts = add("shortcuts", tr("&Keyboard shortcuts"), tr("List every shortcut"),
        QKeySequence(tr("Ctrl+/")));
    about = add("about", tr("&About Leyden"), tr("Version and license"), {}); // nobody needs a key
}

void StudioActions::setConfigName(const QString& name)
{
    constexpr qsizetype longest = 24; // it stands on a button
    m_configName = name;
    auto shown = name.size() <= longest
        ? name
        : name.left(longest / 2) + QStringLiteral("…") + name.right(longest / 2 - 1);
    shown.replace(QLatin1Char('&'), QLatin1String("&&"));
    start->setText(name.isEmpty() ? tr("Start") : tr("Start %1").arg(shown));
}

void StudioActions::update(RunPhase phase, bool isPauseWanted, const QStringList& problems)
{
    const bool isActive = phase != RunPhase::Idle;
    start->setEnabled(!isActive && problems.isEmpty());
    start->setToolTip(isActive ? tr("A run is in progress: one at a time")
            : problems.isEmpty()
            ? ui::plainToolTip(tr("Start a run of %1 (%2)")
                      .arg(m_configName, start->shortcut().toString(QKeySequence::NativeText)))
            : ui::plainToolTip(
                  tr("No run can start yet:\n%1").arg(problems.join(QLatin1Char('\n')))));
    findThreads->setEnabled(!isActive && problems.isEmpty()); // a run beside it would be in the way
    pause->setEnabled(isActive && phase != RunPhase::Stopping);
    pause->setText(isPauseWanted ? tr("Resume") : tr("Pause"));
    pause->setIcon(
        ui::Icon::themed(isPauseWanted ? QStringLiteral("resume") : QStringLiteral("pause")));
    pause->setToolTip(
        (isPauseWanted ? tr("Go on where the run was paused (%1)")
                       : tr("Hold after the running step, with the model in memory (%1)"))
            .arg(pause->shortcut().toString(QKeySequence::NativeText)));
    checkpointNow->setEnabled(isActive);
    validateNow->setEnabled(isActive);
    for (auto* action : std::as_const(stops))
        action->setEnabled(isActive);
}

} // namespace leyden::app
