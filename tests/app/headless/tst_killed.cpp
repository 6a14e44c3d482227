// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are killed at random moments, again and again, and taken up each time. LEYDEN_KILLS
// says how often (10).
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/file_system.h"
#include "engine/core/state_tree.h"
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QDateTime>
#include <QDeadlineTimer>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>

#include <csignal>

namespace tst_killed {
using leyden::test::LeydenProgram;

namespace {

bool isWriting(const QDir& checkpoints)
{
    return !checkpoints.entryList({QStringLiteral(".*.tmp")}, QDir::Files | QDir::Hidden).isEmpty();
}

/// The largest step of a row in metrics.csv that ends with a line break; -1 where there is none.
qint64 lastStep(const QByteArray& metrics)
{
    qint64 last = -1;
    const auto whole = metrics.left(metrics.lastIndexOf('\n') + 1).split('\n');
    const auto column = whole.first().trimmed().split(',').indexOf("step");
    for (qsizetype i = 1; i + 1 < whole.size(); ++i)
        last = std::max(last, whole[i].trimmed().split(',').value(column).toLongLong());
    return last;
}

} // namespace

class TestKilled final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void endsAsThoughItHadNeverBeenKilled()
    {
        const auto wanted
            = std::max(1, qEnvironmentVariable("LEYDEN_KILLS", QStringLiteral("10")).toInt());
        m_fit = QStringList{QStringLiteral("fit"), QStringLiteral("--preset"),
            QStringLiteral("digits-mlp"), QStringLiteral("--quiet"),
            QStringLiteral("--trainer.max_epochs=30"),
            QStringLiteral("--trainer.log_every_n_steps=1"),
            QStringLiteral("--data.init_args.batch_size=8"),
            QStringLiteral("--trainer.callbacks=[{\"class_path\":\"ModelCheckpoint\",\"init_args\":"
                           "{\"every_n_train_steps\":23,\"save_last\":true}}]")};
        QVERIFY2(run(QStringLiteral("whole")), m_error.constData());
        const auto whole = m_leyden.read(QStringLiteral("whole/metrics.csv"));
        const auto weights = endOf(QStringLiteral("whole"));
        QVERIFY(!whole.isEmpty() && !weights.isEmpty());

        const auto seed = std::random_device()();
        qInfo("seed %u", seed);
        m_random.seed(seed);
        int rounds = 0;
        while (m_kills < wanted) {
            QVERIFY2(rounds < 10 * wanted, "the runs end before they can be killed");
            const auto folder = QStringLiteral("cut%1").arg(rounds++);
            while (m_kills < wanted && killOnce(folder)) {
                QVERIFY2(m_error.isEmpty(), m_error.constData());
            }
            QVERIFY2(m_error.isEmpty(), m_error.constData());
            QVERIFY2(run(folder), m_error.constData());
            QCOMPARE(m_leyden.read(folder + QStringLiteral("/metrics.csv")), whole);
            QVERIFY2(endOf(folder) == weights,
                "other weights than those of the run that was never killed");
            QVERIFY(!isWriting(QDir(m_folder.filePath(folder + QStringLiteral("/checkpoints")))));
            QVERIFY(QDir(m_folder.filePath(folder)).removeRecursively());
        }
        qInfo("killed %d times in %d runs, %d of them while a checkpoint was being written",
            m_kills, rounds, m_killsInAWrite);
    }

private:
    QStringList argumentsFor(const QString& folder) const
    {
        auto arguments = m_fit + QStringList{QStringLiteral("--run_dir=") + folder};
        if (QFile::exists(m_folder.filePath(folder + QStringLiteral("/run.json"))))
            arguments << QStringLiteral("--ckpt_path=last");
        return arguments;
    }

    /// A run, or what is left of it, to its end.
    bool run(const QString& folder)
    {
        const auto result = m_leyden.run(argumentsFor(folder), 300000);
        m_error = result.exitCode == 0
            ? QByteArray()
            : "exit code " + QByteArray::number(result.exitCode) + ": " + result.errors;
        return m_error.isEmpty();
    }

    /// Weights and optimizer of the last checkpoint.
    QByteArray endOf(const QString& folder) const
    {
        const auto file
            = m_folder.filePath(folder + QStringLiteral("/checkpoints/last.ckpt")).toStdString();
        const auto checkpoint = leyden::load_checkpoint_file(leyden::FileSystem::local(), file);
        auto part = leyden::StateTree::dict();
        for (const auto* key : {"state_dict", "optimizer_states", "global_step"})
            part.set(key, checkpoint.at(key));
        QByteArray bytes;
        leyden::encode_checkpoint(part,
            [&](std::string_view piece) { bytes.append(piece.data(), qsizetype(piece.size())); });
        return bytes;
    }

    /// False where the run ended by itself. Each fourth time it is waited for a write, else a
    /// random while.
    bool killOnce(const QString& folder)
    {
        const QDir checkpoints(m_folder.filePath(folder + QStringLiteral("/checkpoints")));
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(LeydenProgram::path(), argumentsFor(folder));
        bool inAWrite = false;
        const QDeadlineTimer latest(m_kills % 4 == 0 ? 5000 : 150 + int(m_random() % 1800));
        while (!latest.hasExpired() && !process.waitForFinished(m_kills % 4 == 0 ? 0 : 20)) {
            if (process.state() == QProcess::NotRunning)
                break;
            if (m_kills % 4 == 0 && isWriting(checkpoints) && m_random() % 8 == 0) {
                inAWrite = true;
                break;
            }
        }
        if (process.state() == QProcess::NotRunning) {
            if (process.exitCode() != 0)
                m_error = process.readAllStandardError();
            return false;
        }
        ::kill(pid_t(process.processId()), SIGKILL);
        const auto killed = QDateTime::currentDateTime();
        process.waitForFinished(60000);
        m_killsInAWrite += inAWrite && isWriting(checkpoints); // it was not done a moment before
        ++m_kills;
        check(folder, checkpoints, killed);
        return true;
    }

    /// No file is half, and no row older than a second is missing.
    void check(const QString& folder, const QDir& checkpoints, const QDateTime& killed)
    {
        const auto run = m_leyden.read(folder + QStringLiteral("/run.json"));
        if (!run.isEmpty() && !QJsonDocument::fromJson(run).isObject())
            m_error = "run.json is half: " + run;
        qint64 oldEnough = 0;
        for (const auto& file :
            checkpoints.entryInfoList({QStringLiteral("*.ckpt")}, QDir::Files)) {
            const auto checkpoint = leyden::load_checkpoint_file(
                leyden::FileSystem::local(), file.filePath().toStdString());
            if (file.lastModified().msecsTo(killed) >= 1000)
                oldEnough = std::max(oldEnough, qint64(checkpoint.at("global_step").to_int()));
        }
        const auto step = lastStep(m_leyden.read(folder + QStringLiteral("/metrics.csv")));
        if (step < oldEnough - 2) // the row of a checkpoint's last step comes after the checkpoint
            m_error = "metrics.csv ends with step " + QByteArray::number(step)
                + ", and a second before the kill step " + QByteArray::number(oldEnough)
                + " was saved";
    }

    const QTemporaryDir m_folder;
    const LeydenProgram m_leyden{m_folder.path()};
    QStringList m_fit;
    std::mt19937 m_random;
    QByteArray m_error;
    int m_kills = 0;
    int m_killsInAWrite = 0;
};

LEYDEN_TEST(TestKilled)
} // namespace tst_killed

#include "tst_killed.moc"
