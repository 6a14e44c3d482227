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

#include <algorithm>
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

void write(const QString& path, const QByteArray& text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
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
        QVERIFY(run->bestName.isEmpty()); // its last values are no best
        QVERIFY(std::isnan(run->bestValue));
        QCOMPARE(run->started.toMSecsSinceEpoch(),
            QDateTime::fromString(QStringLiteral("2026-11-24T12:00:00Z"), Qt::ISODate)
                .toMSecsSinceEpoch());
        QVERIFY(!run->ended.isValid());
        QVERIFY(!readRunFolder(folder.path() + QStringLiteral("/none"), {}));
    }

    void theBestIsThatOfTheMonitoredMetric_data()
    {
        QTest::addColumn<QByteArray>("callbacks");
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("value");
        const QByteArray checkpoint
            = "{'class_path': 'ModelCheckpoint', 'init_args': {'monitor': '%', 'mode': 'max'}}";
        const QByteArray stopping = "{'class_path': 'EarlyStopping', 'init_args': {'monitor': "
                                    "'val_loss', 'mode': 'min'}}";
        auto accuracy = checkpoint;
        accuracy.replace("%", "val_acc");
        auto absent = checkpoint;
        absent.replace("%", "val_f1");
        QTest::newRow("of the checkpoints")
            << stopping + ", " + accuracy << QStringLiteral("val_acc") << 0.75;
        QTest::newRow("of early stopping") << stopping << QStringLiteral("val_loss") << 0.25;
        QTest::newRow("never logged") << absent << QString() << notANumber;
        QTest::newRow("none is monitored")
            << QByteArray("{'class_path': 'ModelCheckpoint', 'init_args': {'monitor': null}}")
            << QString() << notANumber;
    }
    void theBestIsThatOfTheMonitoredMetric()
    {
        QFETCH(const QByteArray, callbacks);
        QFETCH(const QString, name);
        QFETCH(const double, value);
        QTemporaryDir folder;
        writeRun(folder.path(), runJson("failed")); // whose run.json has only last values
        write(folder.filePath(QStringLiteral("config.json")),
            QByteArray("{'trainer': {'callbacks': [" + callbacks + "]}}").replace('\'', '"'));
        write(folder.filePath(QStringLiteral("metrics.csv")),
            "epoch,step,val_acc,val_loss\r\n0,9,0.75,0.5\r\n1,19,0.5,0.25\r\n2,29,nan,inf\r\n"
            "3,39,0.9");
        const auto run = readRunFolder(folder.path(), {});
        QVERIFY(run);
        QCOMPARE(run->bestName, name);
        QCOMPARE(run->bestValue, value);
    }

    void tellsHowARunEnded_data()
    {
        QTest::addColumn<QByteArray>("end");
        QTest::addColumn<int>("state");
        QTest::newRow("before there was an outcome")
            << QByteArray("'state': 'finished'") << int(RunState::Finished);
        QTest::newRow("completed")
            << QByteArray("'state': 'finished', 'outcome': 'completed', 'checkpoint_saved': true")
            << int(RunState::Finished);
        QTest::newRow("nobody asked for a checkpoint")
            << QByteArray("'state': 'finished', 'outcome': 'completed', 'checkpoint_saved': null")
            << int(RunState::Finished);
        QTest::newRow("stopped early") << QByteArray(
            "'state': 'finished', 'outcome': 'stopped_early', 'checkpoint_saved': true")
                                       << int(RunState::StoppedEarly);
        QTest::newRow("not saved")
            << QByteArray("'state': 'finished', 'outcome': 'completed', 'checkpoint_saved': false")
            << int(RunState::NotSaved);
        QTest::newRow("diverged") << QByteArray(
            "'state': 'finished', 'outcome': 'diverged', 'checkpoint_saved': true")
                                  << int(RunState::Diverged);
        QTest::newRow("stopped by hand when it had diverged")
            << QByteArray("'state': 'stopped', 'outcome': 'diverged'") << int(RunState::Diverged);
        QTest::newRow("stopped by hand before a checkpoint")
            << QByteArray("'state': 'stopped', 'outcome': null, 'checkpoint_saved': false")
            << int(RunState::Stopped);
        QTest::newRow("failed") << QByteArray("'state': 'failed', 'outcome': 'diverged'")
                                << int(RunState::Failed);
    }
    void tellsHowARunEnded()
    {
        QFETCH(QByteArray, end);
        QFETCH(const int, state);
        QTemporaryDir folder;
        writeRun(folder.path(), "{" + end.replace('\'', '"') + "}");
        QCOMPARE(int(readRunFolder(folder.path(), {})->state), state);
    }

    void aFolderThatCannotBeReadHasARowThatSaysWhy()
    {
        QTemporaryDir folder;
        const auto runs = folder.path() + QStringLiteral("/runs");
        writeRun(runs + QStringLiteral("/fine/version_0"), runJson("finished"));
        writeRun(runs + QStringLiteral("/cut/version_0"), "{\"state\": \"runn");
        writeRun(runs + QStringLiteral("/list/version_0"), "[]");
        QDir().mkpath(runs + QStringLiteral("/lost/version_0"));
        write(runs + QStringLiteral("/lost/version_0/metrics.csv"), "step,loss\n");
        RunFolderScanner scanner;
        scanner.setFolder(runs);
        QTRY_COMPARE(scanner.runs().size(), 4);
        for (const auto& run : scanner.runs()) {
            const bool isFine = run.name.startsWith(QLatin1String("fine"));
            QCOMPARE(run.state == RunState::Unreadable, !isFine);
            QCOMPARE(run.problem.contains(QLatin1String("run.json")), !isFine);
        }
        // Once it is there, it is read.
        writeRun(runs + QStringLiteral("/lost/version_0"), runJson("stopped"));
        scanner.rescan();
        QTRY_VERIFY(std::any_of(scanner.runs().begin(), scanner.runs().end(),
            [](const RunSummary& run) { return run.state == RunState::Stopped; }));
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
