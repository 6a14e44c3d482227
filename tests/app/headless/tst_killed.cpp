// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <random>

#include <csignal>

using leyden::test::LeydenProgram;

/// A run that is killed at random moments, again and again, and taken up each time.
class TestKilled final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void endsAsThoughItHadNeverBeenKilled()
    {
        const QTemporaryDir folder;
        LeydenProgram leyden{folder.path()};
        QStringList fit{QStringLiteral("fit"), QStringLiteral("--preset"),
            QStringLiteral("digits-mlp"), QStringLiteral("--quiet"),
            QStringLiteral("--trainer.max_epochs=60"),
            QStringLiteral("--data.init_args.batch_size=8"),
            QStringLiteral("--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":"
                           "{\"every_n_train_steps\":97,"
                           "\"save_last\":true}}]")};
        QCOMPARE(
            leyden.run(fit + QStringList{QStringLiteral("--run_dir=whole")}, 300000).exitCode, 0);

        const auto seed = std::random_device()();
        qInfo("seed %u", seed);
        std::mt19937 random(seed);
        int kills = 0;
        for (int start = 0; start < 60; ++start) {
            QProcess process;
            process.setWorkingDirectory(folder.path());
            auto arguments = fit + QStringList{QStringLiteral("--run_dir=cut")};
            if (QFile::exists(folder.filePath(QStringLiteral("cut/run.json"))))
                arguments << QStringLiteral("--ckpt_path=last");
            process.start(LeydenProgram::path(), arguments);
            const std::array signals{SIGKILL, SIGKILL, SIGTERM, SIGINT};
            if (process.waitForFinished(300 + int(random() % 2500))) {
                QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
                break;
            }
            ::kill(pid_t(process.processId()), signals[random() % signals.size()]);
            QVERIFY(process.waitForFinished(60000));
            ++kills;
        }
        qInfo("stopped %d times", kills);
        QVERIFY(kills > 0);
        QVERIFY(!leyden.read(QStringLiteral("whole/metrics.csv")).isEmpty());
        QCOMPARE(leyden.read(QStringLiteral("cut/metrics.csv")),
            leyden.read(QStringLiteral("whole/metrics.csv")));
    }
};

QTEST_GUILESS_MAIN(TestKilled)
#include "tst_killed.moc"
