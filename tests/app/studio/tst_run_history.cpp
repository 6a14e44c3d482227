// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_history.h"
#include "app/studio/window/checkpoint_list.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace tst_run_history {
using namespace leyden;
using namespace leyden::app;

namespace {

void write(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

QStringList bestOf(const QList<ui::CheckpointEntry>& entries)
{
    QStringList names;
    for (const auto& entry : entries)
        if (entry.isBest)
            names += entry.name;
    return names;
}

/// Three epochs of 10 steps; `score` is best in the second one.
void fill(const QString& folder, const QByteArray& mode)
{
    QVERIFY(QDir(folder).mkpath(QStringLiteral("checkpoints")));
    write(folder + QStringLiteral("/metrics.csv"),
        "epoch,loss,score,step\n0,1.0,,4\n0,,0.25,9\n1,0.5,,14\n1,,0.75,19\n2,0.25,,24\n2,,0.5,"
        "29\n");
    for (const auto* name : {"epoch=0-step=10", "epoch=1-step=20", "epoch=2-step=30", "last"})
        write(folder + QStringLiteral("/checkpoints/%1.ckpt").arg(QLatin1String(name)), "x");
    write(folder + QStringLiteral("/config.json"),
        QByteArray("{'trainer': {'callbacks': ["
                   "{'class_path': 'EarlyStopping', 'init_args': {'monitor': 'loss'}},"
                   "{'class_path': 'ModelCheckpoint', 'init_args': {'monitor': 'score', 'mode': '")
            .append(mode)
            .append("'}}]}}")
            .replace('\'', '"'));
}

} // namespace

class TestRunHistory final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyVerbOfAStopHasItsWords_data()
    {
        QTest::addColumn<QByteArray>("verb");
        QTest::addColumn<QString>("words");
        QTest::newRow("step") << QByteArray("after_step") << "stopped after a step";
        QTest::newRow("epoch") << QByteArray("after_epoch") << "stopped after an epoch";
        QTest::newRow("checkpoint")
            << QByteArray("after_checkpoint") << "stopped after a checkpoint";
        QTest::newRow("save") << QByteArray("save_and_stop") << "saved and stopped";
        QTest::newRow("discard") << QByteArray("discard") << "stopped, to be discarded";
        QTest::newRow("of a later version") << QByteArray("some_day") << "stop: some_day";
    }

    void everyVerbOfAStopHasItsWords()
    {
        QFETCH(const QByteArray, verb);
        QFETCH(const QString, words);
        const auto markers = parseEventMarkers(
            "{\"event\":\"stop\",\"value\":\"" + verb + "\",\"global_step\":7}");
        QCOMPARE(markers.size(), 1);
        QCOMPARE(markers.first().text, words);
    }

    void givesCheckpointsTheirValues_data()
    {
        QTest::addColumn<QByteArray>("mode");
        QTest::addColumn<QString>("best");
        QTest::newRow("more is better") << QByteArray("max") << "epoch=1-step=20.ckpt";
        QTest::newRow("less is better") << QByteArray("min") << "epoch=0-step=10.ckpt";
    }
    void givesCheckpointsTheirValues()
    {
        QFETCH(const QByteArray, mode);
        QFETCH(const QString, best);
        const QTemporaryDir folder;
        fill(folder.path(), mode);
        const auto history = readRunHistory(folder.path());
        QCOMPARE(history.problem, QString());
        QCOMPARE(history.monitor, QStringLiteral("score"));
        QCOMPARE(history.checkpoints.size(), 4);
        QMap<QString, double> values;
        for (const auto& entry : history.checkpoints)
            values[entry.name] = entry.value;
        QCOMPARE(values.value(QStringLiteral("epoch=0-step=10.ckpt")), 0.25);
        QCOMPARE(values.value(QStringLiteral("epoch=1-step=20.ckpt")), 0.75);
        QCOMPARE(values.value(QStringLiteral("epoch=2-step=30.ckpt")), 0.5);
        // its step is not in its name
        QVERIFY(std::isnan(values.value(QStringLiteral("last.ckpt"))));
        QCOMPARE(bestOf(history.checkpoints), QStringList{best});
        QCOMPARE(history.watched.size(), 2);
        QCOMPARE(history.watched.at(0).name, QStringLiteral("loss"));
        QCOMPARE(history.watched.at(0).mode, ui::MetricMode::Min);
    }

    void theBestFollowsTheConfigsMode()
    {
        const QTemporaryDir folder;
        fill(folder.path(), "max");
        const auto history = readRunHistory(folder.path());
        CheckpointList list;
        list.begin({}, history.watched);
        QCOMPARE(list.monitor(), QStringLiteral("score"));
        for (const auto& entry : history.checkpoints) {
            CheckpointNews news;
            news.path = entry.path;
            news.step = entry.step;
            news.value = entry.value;
            news.monitor = history.monitor;
            list.take({news});
        }
        QCOMPARE(bestOf(list.entries()), QStringList{QStringLiteral("epoch=1-step=20.ckpt")});
        CheckpointNews gone;
        gone.path = folder.filePath(QStringLiteral("checkpoints/epoch=1-step=20.ckpt"));
        gone.isRemoved = true;
        list.take({gone});
        QCOMPARE(bestOf(list.entries()), QStringList{QStringLiteral("epoch=2-step=30.ckpt")});
    }

    void saysWhereARunIsNoMore()
    {
        const QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("gone"));
        QVERIFY(readRunHistory(path).problem.contains(path));
    }
};
LEYDEN_TEST(TestRunHistory)
} // namespace tst_run_history

#include "tst_run_history.moc"
