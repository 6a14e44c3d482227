// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/reference_python.h"

#include <QProcess>
#include <QtGlobal>

namespace leyden::test {

QString referencePython()
{
    return qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
}

PythonResult runReferencePython(const QString& script, const QStringList& arguments)
{
    QProcess process;
    process.start(referencePython(), QStringList{script} + arguments);
    constexpr int timeout_ms = 120'000;
    if (!process.waitForStarted() || !process.waitForFinished(timeout_ms)) {
        process.kill();
        return {-1, {}, process.errorString().toUtf8()};
    }
    const bool is_normal = process.exitStatus() == QProcess::NormalExit;
    return {is_normal ? process.exitCode() : -1, process.readAllStandardOutput(),
        process.readAllStandardError()};
}

} // namespace leyden::test
