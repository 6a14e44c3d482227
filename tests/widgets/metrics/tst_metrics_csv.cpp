// SPDX-License-Identifier: GPL-3.0-or-later
// A metrics.csv that another process writes to.
#include "tests/support/test_program.h"
#include "widgets/metrics/metrics_csv.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace tst_metrics_csv {
using namespace leyden::ui;

namespace {

void write(const QString& path, const QByteArray& text, bool isAppended = false)
{
    QFile file(path);
    QVERIFY(file.open(isAppended ? QIODevice::Append : QIODevice::WriteOnly));
    file.write(text);
}

QList<double> stepsOf(const QList<MetricRow>& rows)
{
    QList<double> steps;
    for (const auto& row : rows)
        steps += row.step;
    return steps;
}

double valueOf(const MetricRow& row, const QString& name)
{
    for (const auto& each : row.values)
        if (each.name == name)
            return each.value;
    return notANumber;
}

} // namespace

class TestMetricsCsv final : public QObject
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    QString m_file;
private Q_SLOTS:
    void init() { m_file = m_folder.filePath(QStringLiteral("metrics.csv")); }
    void cleanup() { QFile::remove(m_file); }

    void givesEachRowOnce()
    {
        MetricsCsvReader reader(m_file);
        QVERIFY(reader.read().rows.isEmpty()); // is not there yet
        write(m_file, "epoch,loss,step\r\n1,0.5,14\r\n1,0.25,19\r\n");
        auto news = reader.read();
        QVERIFY(news.isWhole);
        QCOMPARE(stepsOf(news.rows), QList<double>({14.0, 19.0}));
        QVERIFY(std::isnan(news.rows.first().seconds)); // the file has no times
        QVERIFY(reader.read().rows.isEmpty());
        write(m_file, "1,0.125,24\r\n1,0.0", true);
        news = reader.read();
        QVERIFY(!news.isWhole);
        QCOMPARE(stepsOf(news.rows), QList<double>({24.0}));
        write(m_file, "625,29\r\n", true); // the line that was unfinished
        news = reader.read();
        QCOMPARE(stepsOf(news.rows), QList<double>({29.0}));
        QCOMPARE(valueOf(news.rows.first(), QStringLiteral("loss")), 0.0625);
        QCOMPARE(reader.rowCount(), 4);
    }

    void goesOnBehindAWiderHeader()
    {
        write(m_file, "epoch,loss,step\n0,1.0,4\n0,0.5,9\n1,0.5,14\n");
        MetricsCsvReader reader(m_file);
        QCOMPARE(reader.read().rows.size(), 3);
        write(m_file, "acc,epoch,loss,step\n,0,1.0,4\n,0,0.5,9\n,1,0.5,14\n0.75,1,,19\n");
        const auto news = reader.read();
        QVERIFY(!news.isWhole);
        QCOMPARE(stepsOf(news.rows), QList<double>({19.0}));
        QCOMPARE(valueOf(news.rows.first(), QStringLiteral("acc")), 0.75);
        QCOMPARE(news.rows.first().epoch, 2.0); // 20 steps of 10
    }

    void theFirstEpochGetsItsPlacesOnceItHasEnded()
    {
        write(m_file, "epoch,loss,step\n0,1.0,4\n");
        MetricsCsvReader reader(m_file);
        QCOMPARE(reader.read().rows.first().epoch, 0.0);
        write(m_file, "0,0.5,9\n1,0.5,14\n", true);
        const auto news = reader.read();
        QVERIFY(news.isWhole);
        QCOMPARE(news.rows.size(), 3);
        QCOMPARE(news.rows.first().epoch, 0.5);
    }

    void startsOverWhereRowsWereCut()
    {
        write(m_file, "epoch,loss,step\n0,1,9\n1,1,19\n2,1,29\n3,1,39\n");
        MetricsCsvReader reader(m_file);
        QCOMPARE(reader.read().rows.size(), 4);
        // Resumed at step 20, and as long again as it was: by its size alone nothing had changed.
        write(m_file, "epoch,loss,step\n0,1,9\n1,1,19\n2,7,29\n3,7,39\n4,7,49\n");
        QVERIFY(reader.read().isWhole);
        QCOMPARE(reader.rowCount(), 5);
        write(m_file, "epoch,loss,step\n0,1,9\n");
        QVERIFY(reader.read().isWhole);
        QCOMPARE(reader.rowCount(), 1);
        QFile::remove(m_file);
        QVERIFY(reader.read().isWhole);
        QCOMPARE(reader.rowCount(), 0);
    }

    void findsTheBestOfOneColumn()
    {
        BestOfColumn least;
        const auto loss = QStringLiteral("loss");
        QVERIFY(std::isnan(least.read(m_file, loss, MetricMode::Min)));
        write(m_file, "epoch,loss,step\n0,nan,4\n0,,9\n1,0.5,14\n1,-inf,15\n2,0.7,19");
        QCOMPARE(least.read(m_file, loss, MetricMode::Min), 0.5);
        write(m_file, "0\n2,0.25,19\n", true); // of the last line: 190
        QCOMPARE(least.read(m_file, loss, MetricMode::Min), 0.25);
        QCOMPARE(least.read(m_file, loss, MetricMode::Max), 0.7);
        QVERIFY(std::isnan(least.read(m_file, QStringLiteral("los"), MetricMode::Min)));
        write(m_file, "\"a,b\",loss,step\n\"1,5\",3,4\n"); // and a name that needs quotes
        QCOMPARE(least.read(m_file, loss, MetricMode::Min), 3.0);
    }
};

LEYDEN_TEST(TestMetricsCsv)
} // namespace tst_metrics_csv

#include "tst_metrics_csv.moc"
