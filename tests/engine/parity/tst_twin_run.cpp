// SPDX-License-Identifier: GPL-3.0-or-later
// Randomly drawn runs that no config can say, by a C++ program and by its twin on PyTorch Lightning.
#include "tests/engine/parity/run_program.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

namespace tst_twin_run {

class TestTwinRun final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithLightning()
    {
        const auto python = qEnvironmentVariable("LEYDEN_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("LEYDEN_REFERENCE_PYTHON names no Python with PyTorch Lightning");
        const auto seed = leyden::test::seedOfDraws();
        const QStringList arguments{
            QStringLiteral(LEYDEN_SOURCE_DIR "/tests/lightning/twin_run.py"),
            QStringLiteral("--program"),
            QStringLiteral(LEYDEN_BINARY_DIR "/tests/example_twin_run"), QStringLiteral("--seed"),
            seed, QStringLiteral("--count"), QStringLiteral("20")};
        QTemporaryDir folder;
        const auto result = leyden::test::runProgram(python, arguments, folder.path(), 600'000);
        const auto report
            = result.output + QStringLiteral("again: %1 %2").arg(python, arguments.join(u' '));
        qInfo().noquote() << report;
        QVERIFY2(result.hasEnded && result.exitCode == 0, qPrintable(report));
    }
};
LEYDEN_TEST(TestTwinRun)
} // namespace tst_twin_run

#include "tst_twin_run.moc"
