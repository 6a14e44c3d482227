// SPDX-License-Identifier: GPL-3.0-or-later
// What a program with the Trainer's defaults shows, and how signals end it: tests/examples/plain_fit.
#include "tests/engine/parity/run_program.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace tst_plain_fit {
namespace {

leyden::test::ProgramResult run(const QTemporaryDir& folder, const QStringList& words)
{
    return leyden::test::runProgram(QStringLiteral(LEYDEN_BINARY_DIR "/tests/example_plain_fit"),
        QStringList{folder.path()} + words, folder.path(), 120'000);
}

} // namespace

class TestPlainFit final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsWhatLightningShows()
    {
        QTemporaryDir folder;
        const auto result = run(folder, {});
        QCOMPARE(result.exitCode, 0);
        for (const char* part : {"Trainable params", "step 8: val_loss=", "max_epochs = 2 reached",
                 "Validate metric", "DataLoader 0", "the end"})
            QVERIFY2(result.output.contains(QLatin1String(part)), qPrintable(result.output));
    }

    void printsNothingWhereThatIsSwitchedOff()
    {
        QTemporaryDir folder;
        const auto result = run(folder, {QStringLiteral("quiet")});
        QCOMPARE(result.output, QStringLiteral("the end\n"));
        QCOMPARE(result.exitCode, 0);
    }

    void endsGracefullyOnASignal_data()
    {
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("SIGTERM") << SIGTERM << 143;
        QTest::newRow("SIGINT") << SIGINT << 130;
        QTest::newRow("SIGHUP") << SIGHUP << 143;
    }

    void endsGracefullyOnASignal()
    {
        QFETCH(const int, signal);
        QFETCH(const int, exitCode);
        QTemporaryDir folder;
        const auto result = run(
            folder, {QStringLiteral("quiet"), QStringLiteral("signal"), QString::number(signal)});
        QVERIFY(result.hasEnded);
        QCOMPARE(result.exitCode, exitCode);
        QCOMPARE(result.output, QStringLiteral("on_exception: the run was interrupted\n"));
        QVERIFY(QFile::exists(folder.filePath(
            QStringLiteral("lightning_logs/version_0/checkpoints/on_exception.ckpt"))));
    }

    void leavesSignalsToTheProgramWhereThatIsSaid()
    {
        QTemporaryDir folder;
        const auto result = run(
            folder, {QStringLiteral("own"), QStringLiteral("signal"), QString::number(SIGTERM)});
        QVERIFY(!result.hasEnded); // killed
    }

    void reportsWhatCannotBeWritten()
    {
        QTemporaryDir folder;
        const auto result = run(folder, {QStringLiteral("broken")});
        QCOMPARE(result.exitCode, 0);
        QVERIFY2(
            result.output.contains(QStringLiteral("the line is dead")), qPrintable(result.output));
        QVERIFY2(result.output.contains(QStringLiteral("a checkpoint could not be written")),
            qPrintable(result.output));
    }
};
LEYDEN_TEST(TestPlainFit)
} // namespace tst_plain_fit

#include "tst_plain_fit.moc"
