// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio_window.h"
#include "tests/app/headless/leyden_program.h"

#include <QProcess>

namespace leyden::app::test {

/// metrics.csv of the same config run by the command, in a folder of its own.
inline QByteArray headlessMetrics(
    const StudioWindow& studio, const QString& config, const QStringList& more = {})
{
    const leyden::test::LeydenProgram program{studio.folder.path()};
    const auto result
        = program.run(QStringList{QStringLiteral("fit"), QStringLiteral("--config"), config,
                          QStringLiteral("--run_dir"), studio.path(QStringLiteral("headless")),
                          QStringLiteral("--quiet")}
                + more,
            120000);
    if (result.exitCode != 0)
        qWarning("%s", result.errors.constData());
    return program.read(QStringLiteral("headless/metrics.csv"));
}

/// Starts leyden-studio on a config, with settings of its own; its runs are the window's.
inline void startStudio(QProcess& process, const StudioWindow& studio, const QString& config)
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), studio.path(QStringLiteral("home")));
    process.setProcessEnvironment(environment);
    process.setStandardErrorFile(QProcess::nullDevice());
    process.start(QStringLiteral(LEYDEN_BINARY_DIR "/bin/leyden-studio"),
        {config, QStringLiteral("--start"), QStringLiteral("--runs-dir"),
            studio.path(QStringLiteral("runs"))});
}

/// The digits with so many steps that a run is still on when the test gets to it, however busy the
/// machine.
inline void openLong(const StudioWindow& studio)
{
    QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
    type(studio.field("/data/init_args/batch_size"), QStringLiteral("4"));
}

} // namespace leyden::app::test
