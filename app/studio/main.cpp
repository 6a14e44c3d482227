// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/thread_guard.h"
#include "app/studio/window/decimal_points.h"
#include "app/studio/window/main_window.h"
#include "engine/trainer/builtin_registry.h"

#include <QApplication>
#include <QCommandLineParser>

int main(int argc, char* argv[])
{
    QApplication application(argc, argv);
    leyden::app::useDecimalPoints();
    QApplication::setApplicationName(QStringLiteral("leyden-studio"));
    QApplication::setApplicationDisplayName(QStringLiteral("Leyden"));
    QApplication::setApplicationVersion(QStringLiteral(LEYDEN_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.leyden.Studio"));
#ifndef NDEBUG
    const leyden::app::ThreadGuard guard;
#endif
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QApplication::translate("main", "Configure, launch, watch and steer a training run."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("config"),
        QApplication::translate("main", "A run config (or a CSV file) to open."),
        QStringLiteral("[run.json]"));
    const QCommandLineOption preset(QStringLiteral("preset"),
        QApplication::translate("main", "Open a preset."), QStringLiteral("name"));
    const QCommandLineOption start(
        QStringLiteral("start"), QApplication::translate("main", "Start the run at once."));
    const QCommandLineOption runs(QStringLiteral("runs-dir"),
        QApplication::translate(
            "main", "Write runs into this folder (one that is not called runs: into runs in it)."),
        QStringLiteral("folder"));
    parser.addOptions({preset, start, runs});
    parser.process(application);

    const auto registry = leyden::builtin_registry();
    leyden::app::MainWindow window(registry, {{}, parser.value(runs)});
    const bool hasFile = !parser.positionalArguments().isEmpty();
    if (!hasFile && !parser.isSet(preset))
        window.restoreLastConfig();
    const bool hasPreset
        = !hasFile && parser.isSet(preset) && window.openPreset(parser.value(preset));
    window.show();
    if (hasFile && parser.isSet(start))
        window.openAndStart(parser.positionalArguments().first());
    else if (hasFile)
        window.openFile(parser.positionalArguments().first());
    else if (hasPreset && parser.isSet(start))
        window.startRun();
    return QApplication::exec();
}
