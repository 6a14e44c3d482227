// SPDX-License-Identifier: GPL-3.0-or-later
// A run under SLURM, whose scontrol is a script of ours.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

#include <csignal>

namespace tst_requeue {
using leyden::test::LeydenInNewFolder;
using leyden::test::LeydenProgram;
using leyden::test::words;

class TestRequeue final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        QVERIFY(m_leyden.renew());
        QVERIFY(QDir(m_leyden.folder).mkdir(QStringLiteral("bin")));
        answerWith("0");
    }

    void goesOnAsThoughItHadNeverBeenRequeued()
    {
        const auto whole = m_leyden.run(m_fit + words("--run_dir=whole"), 300000);
        QVERIFY2(whole.exitCode == 0, whole.errors.constData());

        QProcess job;
        start(job, m_fit + words("--run_dir=cut"), {});
        askAfterSomeRows(job, QStringLiteral("cut/metrics.csv"));
        QVERIFY(job.waitForFinished(60000));
        const auto said = job.readAllStandardError();
        QVERIFY2(job.exitStatus() == QProcess::NormalExit && job.exitCode() == 0, said.constData());
        QCOMPARE(m_leyden.read(QStringLiteral("asked")), QByteArray("requeue 17\n"));
        QVERIFY(QFile::exists(m_leyden.filePath(QStringLiteral("hpc_ckpt_1.ckpt"))));
        QVERIFY(
            !QFile::exists(m_leyden.filePath(QStringLiteral("cut/checkpoints/on_exception.ckpt"))));
        QCOMPARE(stateOf(QStringLiteral("cut")), QStringLiteral("stopped"));
        QVERIFY(m_leyden.read(QStringLiteral("cut/metrics.csv"))
            != m_leyden.read(QStringLiteral("whole/metrics.csv")));

        QProcess again; // the same command, as SLURM starts it
        start(again, m_fit + words("--run_dir=cut"), {});
        QVERIFY(again.waitForFinished(300000));
        QVERIFY2(again.exitCode() == 0, again.readAllStandardError().constData());
        QCOMPARE(stateOf(QStringLiteral("cut")), QStringLiteral("finished"));
        QCOMPARE(m_leyden.read(QStringLiteral("cut/metrics.csv")),
            m_leyden.read(QStringLiteral("whole/metrics.csv")));
        const auto same
            = m_leyden.run(words("inspect whole/checkpoints/last.ckpt cut/checkpoints/last.ckpt"));
        QVERIFY2(!same.output.contains("state_dict/") && !same.output.contains("optimizer_states/"),
            same.output.constData());
    }

    void namesTheTaskOfAnArray()
    {
        QProcess job;
        start(job, m_fit,
            {QStringLiteral("SLURM_ARRAY_JOB_ID=90"), QStringLiteral("SLURM_ARRAY_TASK_ID=3")});
        askAfterSomeRows(job, QStringLiteral("runs/digits-mlp/version_0/metrics.csv"));
        QVERIFY(job.waitForFinished(60000));
        QCOMPARE(m_leyden.read(QStringLiteral("asked")), QByteArray("requeue 90_3\n"));

        // Without a run folder it finds its way back, by the word too.
        const auto resumed
            = m_leyden.run(m_fit + words("--ckpt_path hpc --trainer.max_epochs=9"), 300000);
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("runs/digits-mlp/version_1"))));
        QCOMPARE(stateOf(QStringLiteral("runs/digits-mlp/version_0")), QStringLiteral("finished"));
    }

    void trainsOnWhereTheQueueWillNotHaveIt()
    {
        answerWith("1");
        QProcess job;
        start(job, m_fit + words("--run_dir=run"), {});
        askAfterSomeRows(job, QStringLiteral("run/metrics.csv"));
        QVERIFY(job.waitForFinished(300000));
        const auto said = job.readAllStandardError();
        QVERIFY2(job.exitCode() == 0, said.constData());
        QVERIFY2(said.contains("training goes on: scontrol requeue 17 ended with exit code 1"),
            said.constData());
        QCOMPARE(stateOf(QStringLiteral("run")), QStringLiteral("finished"));
    }

    /// The same command, started again, whatever it says; and at any moment of the run.
    void goesOnFromAnyMoment_data()
    {
        QTest::addColumn<QString>("more");
        QTest::newRow("in a new run") << QString();
        QTest::newRow("with a long sanity check")
            << QStringLiteral(" --trainer.num_sanity_val_steps=-1 --data.init_args.batch_size=1");
        QTest::newRow("from a part of a checkpoint") << QStringLiteral(
            " --ckpt_path parent/checkpoints/last.ckpt --ckpt_restore=[\"weights\"]");
    }
    void goesOnFromAnyMoment()
    {
        QFETCH(const QString, more);
        QVERIFY(m_leyden
                    .run(words("fit --preset digits-mlp --quiet --trainer.max_epochs=1 "
                               "--trainer.callbacks.1.init_args.save_last=true "
                               "--run_dir parent"),
                        300000)
                    .exitCode
            == 0);
        const auto fit = m_fit + words(qPrintable(QStringLiteral("--trainer.max_epochs=4") + more));
        const auto whole = m_leyden.run(fit + words("--run_dir=whole"), 300000);
        QVERIFY2(whole.exitCode == 0, whole.errors.constData());
        QRandomGenerator random(1);
        int requeued = 0;
        for (int round = 0; round < 3; ++round) {
            const auto folder = QStringLiteral("cut%1").arg(round);
            const auto id = QStringLiteral("SLURM_JOB_ID=%1").arg(100 + round);
            const auto command = fit + QStringList{QStringLiteral("--run_dir"), folder};
            QProcess job;
            start(job, command, {id});
            QTRY_VERIFY_WITH_TIMEOUT(
                QFile::exists(m_leyden.filePath(folder + QStringLiteral("/run.json"))), 60000);
            QTest::qWait(random.bounded(300));
            ::kill(pid_t(job.processId()), SIGUSR1);
            QVERIFY(job.waitForFinished(300000));
            QVERIFY2(job.exitCode() == 0, job.readAllStandardError().constData());
            if (stateOf(folder) == QLatin1String("stopped")) {
                ++requeued;
                QProcess again;
                start(again, command, {id});
                QVERIFY(again.waitForFinished(300000));
                QVERIFY2(again.exitCode() == 0, again.readAllStandardError().constData());
            }
            QCOMPARE(stateOf(folder), QStringLiteral("finished"));
            QCOMPARE(m_leyden.read(folder + QStringLiteral("/metrics.csv")),
                m_leyden.read(QStringLiteral("whole/metrics.csv")));
        }
        QVERIFY(requeued > 0);
    }

    void leavesTheRunOfAnotherJobAlone()
    {
        QProcess job;
        const auto first = QStringLiteral("runs/digits-mlp/version_0/");
        start(job, m_fit, {});
        askAfterSomeRows(job, first + QStringLiteral("metrics.csv"));
        QVERIFY(job.waitForFinished(60000));
        const auto before = m_leyden.read(first + QStringLiteral("metrics.csv"));
        QProcess other;
        start(other, m_fit + words("--trainer.max_epochs=1"), {QStringLiteral("SLURM_JOB_ID=99")});
        QVERIFY(other.waitForFinished(300000));
        QVERIFY2(other.exitCode() == 0, other.readAllStandardError().constData());
        QCOMPARE(m_leyden.read(first + QStringLiteral("metrics.csv")), before);
        QCOMPARE(stateOf(QStringLiteral("runs/digits-mlp/version_1")), QStringLiteral("finished"));
    }

    void refusesAJobIdThatIsNoNumber_data()
    {
        QTest::addColumn<QStringList>("variables");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("a job") << QStringList{QStringLiteral("SLURM_JOB_ID=invalid")}
                               << QByteArray("SLURM_JOB_ID = 'invalid': expected a number");
        QTest::newRow("a task of an array")
            << QStringList{QStringLiteral("SLURM_ARRAY_JOB_ID=all"),
                   QStringLiteral("SLURM_ARRAY_TASK_ID=3")}
            << QByteArray("SLURM_ARRAY_JOB_ID = 'all': expected a number");
    }
    void refusesAJobIdThatIsNoNumber()
    {
        QFETCH(const QStringList, variables);
        QFETCH(const QByteArray, text);
        QProcess job;
        start(job, m_fit + words("--trainer.max_epochs=1 --run_dir=run"), variables);
        QVERIFY(job.waitForFinished(60000));
        const auto said = job.readAllStandardError();
        QCOMPARE(job.exitCode(), 2);
        QVERIFY2(said.contains(text), said.constData());
        QVERIFY(m_leyden.read(QStringLiteral("asked")).isEmpty());
        QVERIFY(!QFile::exists(m_leyden.filePath(QStringLiteral("run"))));
    }

    void takesTheCheckpointThatIsNamedAndNotWhatTheJobLeft()
    {
        QVERIFY(m_leyden
                    .run(words("fit --preset digits-mlp --quiet --trainer.max_epochs=1 "
                               "--trainer.callbacks.1.init_args.save_last=true --run_dir parent"),
                        300000)
                    .exitCode
            == 0);
        QProcess job;
        start(job, m_fit, {});
        askAfterSomeRows(job, QStringLiteral("runs/digits-mlp/version_0/metrics.csv"));
        QVERIFY(job.waitForFinished(60000));
        QVERIFY(QFile::exists(m_leyden.filePath(QStringLiteral("hpc_ckpt_1.ckpt"))));
        const auto before = m_leyden.read(QStringLiteral("runs/digits-mlp/version_0/metrics.csv"));

        QProcess again;
        start(again,
            m_fit
                + words("--ckpt_path parent/checkpoints/last.ckpt --ckpt_restore=[\"weights\"] "
                        "--trainer.max_epochs=1"),
            {});
        QVERIFY(again.waitForFinished(300000));
        const auto said = again.readAllStandardError();
        QVERIFY2(again.exitCode() == 0, said.constData());
        QVERIFY2(said.contains("parent/checkpoints/last.ckpt' is used, and not what job 17 left"),
            said.constData());
        const auto run = m_leyden.read(QStringLiteral("runs/digits-mlp/version_1/run.json"));
        const auto facts = QJsonDocument::fromJson(run).object();
        QVERIFY2(facts.value(QStringLiteral("parent"))
                     .toString()
                     .endsWith(QLatin1String("parent/checkpoints/last.ckpt")),
            run.constData());
        QCOMPARE(m_leyden.read(QStringLiteral("runs/digits-mlp/version_0/metrics.csv")), before);
    }

    void endsWhereItIsToldToMeanwhile()
    {
        answerWith("1", "sleep 2; ");
        QProcess job;
        start(job, m_fit + words("--run_dir=run --trainer.max_epochs=500"), {});
        askAfterSomeRows(job, QStringLiteral("run/metrics.csv"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_leyden.read(QStringLiteral("asked")).isEmpty(), 60000);
        ::kill(pid_t(job.processId()), SIGTERM);
        QVERIFY(job.waitForFinished(60000));
        QCOMPARE(job.exitCode(), 143);
        QVERIFY(
            QFile::exists(m_leyden.filePath(QStringLiteral("run/checkpoints/on_exception.ckpt"))));
    }

    void goesBackByTheSignalThatTheConfigNames()
    {
        QProcess job;
        start(job,
            m_fit
                + words("--run_dir=run --trainer.plugins=[{\"class_path\":\"SLURMEnvironment\","
                        "\"init_args\":{\"requeue_signal\":\"SIGUSR2\"}}]"),
            {});
        askAfterSomeRows(job, QStringLiteral("run/metrics.csv"), SIGUSR2);
        QVERIFY(job.waitForFinished(60000));
        QCOMPARE(job.exitCode(), 0);
        QCOMPARE(m_leyden.read(QStringLiteral("asked")), QByteArray("requeue 17\n"));
    }

    void leavesTheSignalAloneWhereItIsTold()
    {
        QProcess job;
        start(job,
            m_fit
                + words("--run_dir=run --trainer.plugins=[{\"class_path\":\"SLURMEnvironment\","
                        "\"init_args\":{\"auto_requeue\":false}}]"),
            {});
        askAfterSomeRows(job, QStringLiteral("run/metrics.csv"));
        QVERIFY(job.waitForFinished(60000));
        QCOMPARE(job.exitStatus(), QProcess::CrashExit); // as the system ends it
        QVERIFY(m_leyden.read(QStringLiteral("asked")).isEmpty());
    }

    void saysWhereNothingWasRequeued()
    {
        const auto result = m_leyden.run(m_fit + words("--ckpt_path hpc"));
        QCOMPARE(result.exitCode, 3);
        QVERIFY2(result.lastError().contains("there is no whole hpc_ckpt_N.ckpt in"),
            result.errors.constData());
    }

private:
    /// SLURM's signal, once the run has logged some rows.
    void askAfterSomeRows(const QProcess& job, const QString& metrics, int signal = SIGUSR1) const
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_leyden.read(metrics).count('\n') > 3, 60000);
        ::kill(pid_t(job.processId()), signal);
    }
    void answerWith(const QByteArray& exitCode, const QByteArray& after = {})
    {
        const auto script = QStringLiteral("bin/scontrol");
        QVERIFY(m_leyden.write(
            script, "#!/bin/sh\necho \"$@\" >> asked\n" + after + "exit " + exitCode + "\n"));
        QVERIFY(QFile::setPermissions(
            m_leyden.filePath(script), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    }
    void start(QProcess& process, const QStringList& arguments, const QStringList& variables) const
    {
        auto environment = QProcess::systemEnvironment();
        environment.removeIf([](const QString& each) {
            return each.startsWith(QLatin1String("PATH="))
                || each.startsWith(QLatin1String("SLURM_"));
        });
        environment << variables
                    << QStringLiteral("PATH=%1:%2")
                           .arg(m_leyden.filePath(QStringLiteral("bin")),
                               qEnvironmentVariable("PATH"))
                    << QStringLiteral("SLURM_NTASKS=1") << QStringLiteral("SLURM_JOB_NAME=train");
        if (variables.filter(QStringLiteral("SLURM_JOB_ID")).isEmpty())
            environment << QStringLiteral("SLURM_JOB_ID=17");
        process.setEnvironment(environment);
        process.setWorkingDirectory(m_leyden.folder);
        process.start(LeydenProgram::path(), arguments);
    }
    QString stateOf(const QString& folder) const
    {
        const auto run = m_leyden.read(folder + QStringLiteral("/run.json"));
        return QJsonDocument::fromJson(run).object().value(QStringLiteral("state")).toString();
    }

    LeydenInNewFolder m_leyden;
    const QStringList m_fit = words(
        "fit --preset digits-mlp --quiet --trainer.max_epochs=8 --trainer.log_every_n_steps=1 "
        "--data.init_args.batch_size=4");
};

LEYDEN_TEST(TestRequeue)
} // namespace tst_requeue

#include "tst_requeue.moc"
