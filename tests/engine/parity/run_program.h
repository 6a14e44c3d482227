// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QRandomGenerator>
#include <QString>
#include <QStringList>

namespace leyden::test {

struct ProgramResult
{
    bool hasEnded = false; ///< by itself, in time
    int exitCode = -1;
    QString output; ///< standard output and error, together
};

/// Runs a program in `folder` and waits for its end.
inline ProgramResult runProgram(
    const QString& program, const QStringList& arguments, const QString& folder, int timeoutMs)
{
    QProcess process;
    process.setWorkingDirectory(folder);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    ProgramResult result;
    result.hasEnded
        = process.waitForFinished(timeoutMs) && process.exitStatus() == QProcess::NormalExit;
    if (process.state() != QProcess::NotRunning) {
        process.kill();
        process.waitForFinished();
    }
    result.exitCode = process.exitCode();
    result.output = process.error() == QProcess::FailedToStart
        ? process.errorString()
        : QString::fromUtf8(process.readAll());
    return result;
}

/// Of what is drawn at random: the same each time, so that a change of the code alone can make a
/// test fail; another each time where LEYDEN_DRAW=anew, as in the stress tests.
inline QString seedOfDraws()
{
    return qEnvironmentVariable("LEYDEN_DRAW") == QLatin1String("anew")
        ? QString::number(QRandomGenerator::system()->generate())
        : QStringLiteral("20261201");
}

} // namespace leyden::test
