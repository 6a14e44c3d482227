// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "widgets/runs/run_folder_scanner.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QSysInfo>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace tst_run_folder_scanner {
using namespace leyden::ui;

namespace {
void writeRun(const QString& folder, const QByteArray& json)
{
    QDir().mkpath(folder);
    QFile file(folder + QStringLiteral("/run.json.tmp"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(json);
    file.close();
    QFile::remove(folder + QStringLiteral("/run.json"));
    QVERIFY(file.rename(folder + QStringLiteral("/run.json")));
}

QByteArray runJson(const QByteArray& state, qint64 pid = 0, int step = 10)
{
    return "{\"schema\":1,\"state\":\"" + state
        + "\",\"started\":\"2026-11-24T12:00:00.000Z\",\"ended\":null,\"host\":\""
        + QSysInfo::machineHostName().toUtf8() + "\",\"pid\":" + QByteArray::number(pid)
        + ",\"device\":\"cpu\",\"epoch\":3,\"global_step\":" + QByteArray::number(step)
        + ",\"metrics\":{\"train_loss\":0.9,\"val_loss\":0.25}}";
}
} // namespace

class TestRunFolderScanner final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsARunFolder()
    {
        QTemporaryDir folder;
        writeRun(folder.path(), runJson("finished"));
        const auto run = readRunFolder(folder.path(), QStringLiteral("mnist/version_0"));
        QVERIFY(run);
        QCOMPARE(run->state, RunState::Finished);
        QCOMPARE(run->lastStep, 10.0);
        QCOMPARE(run->epoch, 3.0);
        QCOMPARE(run->bestName, QStringLiteral("val_loss"));
        QCOMPARE(run->bestValue, 0.25);
        QCOMPARE(run->started.toMSecsSinceEpoch(),
            QDateTime::fromString(QStringLiteral("2026-11-24T12:00:00Z"), Qt::ISODate)
                .toMSecsSinceEpoch());
        QVERIFY(!run->ended.isValid());
        writeRun(folder.path(), "{\"state\": \"runn");
        QVERIFY(!readRunFolder(folder.path(), {}));
        QVERIFY(!readRunFolder(folder.path() + QStringLiteral("/none"), {}));
    }

    void seesThatAProcessIsGone()
    {
#ifndef Q_OS_LINUX
        QSKIP("asks /proc");
#endif
        QTemporaryDir folder;
        writeRun(folder.path(), runJson("running", QCoreApplication::applicationPid()));
        QCOMPARE(readRunFolder(folder.path(), {})->state, RunState::Running);
        QProcess gone;
        gone.start(QStringLiteral("true"), QStringList());
        QVERIFY(gone.waitForStarted());
        const auto pid = gone.processId();
        QVERIFY(gone.waitForFinished());
        writeRun(folder.path(), runJson("running", pid));
        QCOMPARE(readRunFolder(folder.path(), {})->state, RunState::Crashed);

        // And from where it could go on.
        QCOMPARE(readRunFolder(folder.path(), {})->checkpointStep, -1.0);
        const auto checkpoint = [&](const char* name, qint64 second) {
            QDir().mkpath(folder.filePath(QStringLiteral("checkpoints")));
            QFile file(folder.filePath(QStringLiteral("checkpoints/")) + QLatin1String(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            QVERIFY(file.setFileTime(
                QDateTime::fromSecsSinceEpoch(second), QFileDevice::FileModificationTime));
        };
        auto json = runJson("running", pid);
        json.chop(1);
        writeRun(folder.path(),
            json
                + ",\"checkpoints\":{\"checkpoints/last.ckpt\":{\"epoch\":1,\"global_step\":8},"
                  "\"checkpoints/gone.ckpt\":{\"epoch\":2,\"global_step\":9}}}");
        checkpoint("last.ckpt", 2'000'000);
        checkpoint("epoch=0-step=4.ckpt", 1'000'000);
        QCOMPARE(readRunFolder(folder.path(), {})->checkpointStep, 8.0);
        checkpoint("epoch=1-step=9.ckpt", 3'000'000); // written a moment before the end
        QCOMPARE(readRunFolder(folder.path(), {})->checkpointStep, 9.0);
        checkpoint("best.ckpt", 4'000'000);
        QVERIFY(std::isnan(readRunFolder(folder.path(), {})->checkpointStep));
    }

    void seesNewChangedAndVanishedRuns()
    {
        QTemporaryDir folder;
        const auto root = folder.filePath(QStringLiteral("runs"));
        RunFolderScanner scanner;
        scanner.setInterval(50);
        QSignalSpy changed(&scanner, &RunFolderScanner::runsChanged);
        QSignalSpy gone(&scanner, &RunFolderScanner::folderGone);
        scanner.setFolder(root); // is not there yet
        QTRY_COMPARE(changed.size(), 1);
        QVERIFY(scanner.runs().isEmpty());
        const auto first = root + QStringLiteral("/mnist/version_0");
        writeRun(first, runJson("running", QCoreApplication::applicationPid()));
        QTRY_COMPARE(scanner.runs().size(), 1);
        QCOMPARE(scanner.runs().first().name, QStringLiteral("mnist/version_0"));
        writeRun(first, runJson("finished", 0, 500));
        QTRY_COMPARE(scanner.runs().first().state, RunState::Finished);
        QCOMPARE(scanner.runs().first().lastStep, 500.0);
        writeRun(root + QStringLiteral("/plain"), runJson("stopped")); // --run_dir
        QTRY_COMPARE(scanner.runs().size(), 2);
        QCOMPARE(gone.size(), 0);
        QVERIFY(QDir(root).removeRecursively());
        QTRY_VERIFY(scanner.runs().isEmpty());
        QTRY_COMPARE(gone.size(), 1);
        QVERIFY(gone.last().first().toBool());
        writeRun(first, runJson("failed"));
        QTRY_COMPARE(scanner.runs().size(), 1);
        QCOMPARE(gone.size(), 2);
        QVERIFY(!gone.last().first().toBool());
    }

    void opensAThousandRunsInASecond()
    {
        QTemporaryDir folder;
        for (int i = 0; i < 1000; ++i)
            writeRun(folder.filePath(QStringLiteral("exp%1/version_%2").arg(i / 100).arg(i % 100)),
                runJson("finished", 0, i));
        RunFolderScanner scanner;
        QSignalSpy changed(&scanner, &RunFolderScanner::runsChanged);
        QElapsedTimer timer;
        timer.start();
        scanner.setFolder(folder.path());
        QVERIFY(changed.wait(5000));
        QCOMPARE(scanner.runs().size(), 1000);
        qInfo("1000 runs read in %lld ms", timer.elapsed());
    }
};
LEYDEN_TEST(TestRunFolderScanner)
} // namespace tst_run_folder_scanner

#include "tst_run_folder_scanner.moc"
