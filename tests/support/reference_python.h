// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace leyden::test {

/// How a Python program ended.
struct PythonResult
{
    int exitCode = -1; ///< -1 where it could not be started or was killed
    QByteArray output; ///< its standard output
    QByteArray errors; ///< its standard error, or why it did not run
};

/// The interpreter with the reference versions of torch and lightning, which the environment
/// variable LEYDEN_REFERENCE_PYTHON names; empty where it is not set. Then skip:
/// QSKIP("LEYDEN_REFERENCE_PYTHON is not set").
QString referencePython();

/// Runs a script (a file) and waits for its end, two minutes at most.
PythonResult runReferencePython(const QString& script, const QStringList& arguments = {});

} // namespace leyden::test
