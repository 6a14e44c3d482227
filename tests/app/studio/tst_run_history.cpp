// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_history.h"

#include "app/studio/session/checkpoint_list.h"
#include "app/studio/session/run_folder_reader.h"
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
        QTest::newRow("epoch") << QByteArray("after_epoch") << "will stop after this epoch";
        QTest::newRow("checkpoint")
            << QByteArray("after_checkpoint") << "will stop after the next checkpoint";
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

    void hasTheTimesThatWereKept()
    {
        const QTemporaryDir folder;
        fill(folder.path(), "max");
        QVERIFY(!readRunHistory(folder.path()).hasTimes); // one of before times.csv
        QVERIFY(std::isnan(readRunHistory(folder.path()).rows.first().seconds));
        write(folder.filePath(QStringLiteral("times.csv")),
            "row,wall_s,active_s\n0,0.5,0.5\n1,1.5,1.25\n2,2,1.75\n3,3,2\n4,4,3\n");
        auto history = readRunHistory(folder.path());
        QVERIFY(!history.hasTimes); // of one row there is none
        QVERIFY(std::isnan(history.rows.last().seconds));
        write(folder.filePath(QStringLiteral("times.csv")),
            "row,wall_s,active_s\n0,0.5,0.5\n1,1.5,1.25\n2,2,1.75\n3,3,2\n4,4,3\n5,5,4\n");
        history = readRunHistory(folder.path());
        QVERIFY(history.hasTimes);
        QCOMPARE(history.rows.at(1).seconds, 1.5);
        QCOMPARE(history.rows.at(1).activeSeconds, 1.25);
    }

    void tellsWhatWasDoneToARunAndSaid()
    {
        const QTemporaryDir folder;
        fill(folder.path(), "max");
        write(folder.filePath(QStringLiteral("log.txt")),
            "2026-11-24T12:00:01.000Z info    first\n  | Name | Type\n"
            "2026-11-24T12:00:03.000Z warning early stopping: it got no better\n");
        write(folder.filePath(QStringLiteral("events.jsonl")),
            "{\"time\":\"2026-11-24T12:00:02.000Z\",\"event\":\"set\",\"global_step\":1234,"
            "\"value\":{\"lr\":0.5}}\n"
            "{\"time\":\"2026-11-24T12:00:02.500Z\",\"event\":\"set\",\"global_step\":1240,"
            "\"value\":{\"lr\":0.25}}\n");
        const auto history = readRunHistory(folder.path());
        QStringList lines;
        for (const auto& entry : history.log)
            lines += entry.text;
        QCOMPARE(lines,
            QStringList({QStringLiteral("first"), QStringLiteral("  | Name | Type"),
                QStringLiteral("step 1,234: lr = 0.5"), QStringLiteral("step 1,240: lr = 0.25"),
                QStringLiteral("early stopping: it got no better")}));
        QCOMPARE(history.log.last().level, ui::LogLevel::Warning);
        QCOMPARE(history.setByHand.size(), 1);
        QCOMPARE(history.setByHand.first().value, 0.25);
        QVERIFY(history.isSteered);
        QVERIFY(history.earlyStopping.isUsed);
        QCOMPARE(history.earlyStopping.stopReason, QStringLiteral("it got no better"));
        QCOMPARE(history.earlyStopping.news.monitor, QStringLiteral("loss"));
        QCOMPARE(history.earlyStopping.news.best, 0.25);
    }

    void readsOnlyWhatIsNew()
    {
        const QTemporaryDir folder;
        fill(folder.path(), "max");
        RunFolderReader reader(folder.path());
        QCOMPARE(reader.read().rows.size(), 6);
        QVERIFY(!reader.read().isNews);
        write(folder.filePath(QStringLiteral("log.txt")), "2026-11-24T12:00:01.000Z info    a\n");
        auto news = reader.read();
        QVERIFY(news.isNews && !news.isWhole);
        QVERIFY(news.rows.isEmpty());
        QCOMPARE(news.log.size(), 1);
        QFile file(folder.filePath(QStringLiteral("metrics.csv")));
        QVERIFY(file.open(QIODevice::Append));
        file.write("3,0.125,,34\n");
        file.close();
        news = reader.read();
        QCOMPARE(news.rows.size(), 1);
        QCOMPARE(news.rows.first().step, 34.0);
        QVERIFY(news.log.isEmpty());
        QCOMPARE(news.checkpoints.size(), 4); // what is no list of rows or lines is always whole
    }

    void saysWhyThereIsNoConfig()
    {
        const QTemporaryDir folder;
        fill(folder.path(), "max");
        write(folder.filePath(QStringLiteral("config.json")), "{\"trainer\": nonsense");
        QVERIFY(readRunHistory(folder.path())
                .configProblem.contains(QStringLiteral("config.json of this run is not valid")));
        QFile::remove(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(!readRunHistory(folder.path()).configProblem.isEmpty());
    }

    void knowsTheBatchSizeThatIsTrained()
    {
        const auto size = [](const char* config) { return batchSizeOf(ui::Json::parse(config)); };
        QCOMPARE(size(R"({"data": {"init_args": {"batch_size": 32}}})"), 32);
        QCOMPARE(size(R"({"data": "MyData"})"), -1);
        QCOMPARE(size(R"({"data": {"init_args": {"batch_size": "many"}}})"), -1);
        QCOMPARE(size(R"({"data": {"init_args": {"batch_size": 32}}, "trainer": {"callbacks": [
            {"class_path": "BatchSizeFinder"}]}})"),
            -1);                       // it looks for another one
        QCOMPARE(batchSizeOf({}), -1); // a config that cannot be read
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
