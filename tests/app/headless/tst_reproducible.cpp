// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace tst_reproducible {
using leyden::test::LeydenProgram;

/// The same numbers byte for byte: run after run, and resumed as though it had never stopped.
class TestReproducible final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_leyden.folder = m_folder->path();
    }

    void givesTheSameMetricsTwice()
    {
        for (const auto* folder : {"a", "b"}) {
            QCOMPARE(m_leyden
                         .run({QStringLiteral("fit"), QStringLiteral("--preset"),
                             QStringLiteral("digits-mlp"), QStringLiteral("--quiet"),
                             QStringLiteral("--run_dir"), QLatin1String(folder)})
                         .exitCode,
                0);
        }
        QVERIFY(m_leyden.read(QStringLiteral("a/metrics.csv")).count('\n') > 40);
        QCOMPARE(m_leyden.read(QStringLiteral("a/metrics.csv")),
            m_leyden.read(QStringLiteral("b/metrics.csv")));
    }

    void reachesTheAccuracyThatThePresetPromises()
    {
        QCOMPARE(m_leyden
                     .run({QStringLiteral("fit"), QStringLiteral("--preset"),
                         QStringLiteral("digits-mlp"), QStringLiteral("--quiet"),
                         QStringLiteral("--run_dir=a")})
                     .exitCode,
            0);
        const auto result = m_leyden.run(
            {QStringLiteral("validate"), QStringLiteral("--preset"), QStringLiteral("digits-mlp"),
                QStringLiteral("--run_dir=a"), QStringLiteral("--ckpt_path=best")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const auto lines = result.output.split('\n');
        double accuracy = 0.0;
        for (const auto& line : lines) {
            if (line.contains("val_acc"))
                accuracy = line.split('|').at(2).trimmed().toDouble();
        }
        QVERIFY2(accuracy > 0.95, result.output.constData());
    }

    void resumesAsThoughItHadNeverStopped_data()
    {
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("killed") << SIGKILL << -1;
        QTest::newRow("interrupted") << SIGINT << 130;
        QTest::newRow("terminated") << SIGTERM << 143;
    }

    void resumesAsThoughItHadNeverStopped()
    {
        QFETCH(const int, signal);
        QFETCH(const int, exitCode);
        QCOMPARE(
            m_leyden.run(longFit() + QStringList{QStringLiteral("--run_dir=whole")}).exitCode, 0);

        QProcess process;
        process.setWorkingDirectory(m_folder->path());
        process.start(
            LeydenProgram::path(), longFit() + QStringList{QStringLiteral("--run_dir=cut")});
        // Somewhere after the third epoch, in the middle of one.
        QTRY_VERIFY_WITH_TIMEOUT(
            m_leyden.read(QStringLiteral("cut/metrics.csv")).contains("\r\n3,"), 60000);
        QCOMPARE(process.state(), QProcess::Running);
        ::kill(pid_t(process.processId()), signal);
        QVERIFY(process.waitForFinished(30000));
        if (exitCode >= 0)
            QCOMPARE(process.exitCode(), exitCode);
        QCOMPARE(
            QFile::exists(m_folder->filePath(QStringLiteral("cut/checkpoints/on_exception.ckpt"))),
            signal != SIGKILL);

        const auto resumed = m_leyden.run(longFit()
                + QStringList{QStringLiteral("--run_dir=cut"), QStringLiteral("--ckpt_path=last")},
            120000);
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        QVERIFY(!m_leyden.read(QStringLiteral("whole/metrics.csv")).isEmpty());
        QCOMPARE(m_leyden.read(QStringLiteral("cut/metrics.csv")),
            m_leyden.read(QStringLiteral("whole/metrics.csv")));
        QVERIFY(!QFile::exists(
            m_folder->filePath(QStringLiteral("cut/checkpoints/on_exception.ckpt"))));
    }

private:
    static QStringList longFit()
    {
        return {QStringLiteral("fit"), QStringLiteral("--preset"), QStringLiteral("digits-mlp"),
            QStringLiteral("--quiet"), QStringLiteral("--trainer.max_epochs=40"),
            QStringLiteral("--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\"}]"),
            QStringLiteral("--data.init_args.batch_size=8"),
            QStringLiteral("--trainer.log_every_n_steps=7"),
            QStringLiteral("--lr_scheduler={\"class_path\":\"StepLR\",\"init_args\":{\"step_size\":"
                           "50},\"interval\":\"step\"}")};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    LeydenProgram m_leyden;
};
LEYDEN_TEST(TestReproducible)
} // namespace tst_reproducible

#include "tst_reproducible.moc"
