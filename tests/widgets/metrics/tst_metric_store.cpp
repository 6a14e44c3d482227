// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "widgets/metrics/metric_store.h"
#include "widgets/metrics/number_text.h"
#include "widgets/metrics/smoothing.h"

#include <QBuffer>
#include <QRandomGenerator>
#include <QTest>

#include <bit>
#include <cmath>

namespace tst_metric_store {
using namespace leyden::ui;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();

MetricRow row(double step, std::initializer_list<NamedValue> values)
{
    return {step, step / 10.0, step * 2.0, notANumber, QList<NamedValue>(values)};
}
} // namespace

class TestMetricStore final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void groupsNamesIntoFamilies_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("family");
        const auto add = [](const char* name, const char* family) {
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(family);
        };
        add("train_loss", "loss");
        add("val_loss", "loss");
        add("train_loss_step", "loss");
        add("train_loss_epoch", "loss");
        add("test_acc", "acc");
        add("val/acc", "acc");
        add("lr-AdamW", "lr");
        add("lr-AdamW/pg2", "lr");
        add("grad_norm", "grad_norm");
        add("val_", "val_");
        add("training_time", "training_time");
    }
    void groupsNamesIntoFamilies()
    {
        QFETCH(const QString, name);
        QTEST(metricFamily(name), "family");
    }

    void keepsEveryPointAndItsPositions()
    {
        MetricStore store;
        QList<MetricRow> rows;
        for (int i = 0; i < 1000; ++i)
            rows += row(i, {{QStringLiteral("train_loss"), 1.0 / (i + 1)}});
        store.appendRows(rows.mid(0, 400));
        store.appendRows(rows.mid(400));
        const auto* series = store.series(QStringLiteral("train_loss"));
        QVERIFY(series);
        QCOMPARE(series->size(), 1000);
        const auto point = store.point(*series, 777);
        QCOMPARE(point.step, 777.0);
        QCOMPARE(point.epoch, 77.7);
        QCOMPARE(point.seconds, 1554.0);
        QCOMPARE(point.activeSeconds, 1554.0);
        QCOMPARE(point.value, 1.0 / 778);
        QCOMPARE(store.series(QStringLiteral("val_loss")), nullptr);
    }

    void knowsBestAndNonFinite()
    {
        MetricStore store;
        store.appendRows(
            {row(0, {{QStringLiteral("a"), notANumber}}), row(1, {{QStringLiteral("a"), 3.0}}),
                row(2, {{QStringLiteral("a"), -1.0}}), row(3, {{QStringLiteral("a"), inf}}),
                row(4, {{QStringLiteral("a"), -1.0}}), row(5, {{QStringLiteral("a"), 0.5}})});
        const auto* series = store.series(QStringLiteral("a"));
        QCOMPARE(series->bestIndex(MetricMode::Min), 2); // the first of equals
        QCOMPARE(series->bestIndex(MetricMode::Max), 1); // Inf is no best value
        QCOMPARE(series->nonFinite(), (std::vector<qsizetype>{0, 3}));
        QCOMPARE(series->smallestPositive(), 0.5);
    }

    void mapsStepsToTheOtherAxes()
    {
        MetricStore store;
        store.appendRows(
            {row(10, {{QStringLiteral("a"), 1.0}}), row(20, {{QStringLiteral("a"), 1.0}})});
        QCOMPARE(store.xAtStep(15, XAxis::Step), 15.0);
        QCOMPARE(store.xAtStep(15, XAxis::Epoch), 1.5);
        QCOMPARE(store.xAtStep(15, XAxis::WallTime), 30.0);
        QCOMPARE(store.xAtStep(99, XAxis::Epoch), 2.0);
        QCOMPARE(store.xAtSeconds(30, XAxis::Step), 15.0);
    }

    void roundTripsThroughCsv()
    {
        MetricStore store;
        QRandomGenerator random(7);
        QList<MetricRow> rows;
        for (int i = 0; i < 500; ++i) {
            const double value = std::bit_cast<double>(random.generate64()); // any bit pattern
            rows += row(i * 0.1, {{QStringLiteral("odd, \"name\""), value}});
            if (i % 7 == 0)
                rows.last().values += NamedValue{
                    QStringLiteral("val_loss"), double(float(random.generateDouble()))};
        }
        store.appendRows(rows);
        QBuffer buffer;
        buffer.open(QIODevice::ReadWrite);
        store.writeCsv(buffer, store.names());
        const auto lines = buffer.data().split('\n');
        QCOMPARE(lines.first(),
            QByteArray("step,epoch,seconds,active_seconds,\"odd, \"\"name\"\"\",val_loss"));
        QCOMPARE(lines.size(), 502); // the header, and what follows the last line's end
        for (int i = 0; i < 500; ++i) {
            const auto fields = lines.at(i + 1).split(',');
            QCOMPARE(fields.size(), 6);
            QCOMPARE(
                std::bit_cast<quint64>(fields.at(0).toDouble()), std::bit_cast<quint64>(i * 0.1));
            const double value = rows.at(i).values.first().value;
            if (std::isnan(value))
                QCOMPARE(fields.at(4), QByteArray("nan"));
            else
                QCOMPARE(
                    std::bit_cast<quint64>(fields.at(4).toDouble()), std::bit_cast<quint64>(value));
            QCOMPARE(fields.at(5).isEmpty(), i % 7 != 0);
        }
    }

    void timesThatWereNotKeptAreEmpty()
    {
        MetricStore store;
        MetricRow row;
        row.step = 9.0;
        row.epoch = 1.0;
        row.seconds = notANumber;
        row.values = {{QStringLiteral("loss"), 0.5}};
        store.appendRows({row});
        row.seconds = 2.0;
        store.appendRows({row});
        QBuffer buffer;
        buffer.open(QIODevice::ReadWrite);
        store.writeCsv(buffer, store.names());
        QCOMPARE(buffer.data().split('\n').value(1), QByteArray("9,1,,,0.5"));
        QCOMPARE(buffer.data().split('\n').value(2), QByteArray("9,1,2,2,0.5"));
    }

    void correctsTheStartOfTheAverage()
    {
        Ema constant(0.9);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(constant.add(4.0), 4.0); // an uncorrected average would start at 0.4
        Ema average(0.5);
        QCOMPARE(average.add(1.0), 1.0);
        QCOMPARE(average.add(3.0), (0.25 * 1.0 + 0.5 * 3.0) / 0.75);
    }

    void writesNumbersShortAndExact()
    {
        QCOMPARE(exactNumber(double(0.1f)), QStringLiteral("0.1"));
        QCOMPARE(exactNumber(0.1), QStringLiteral("0.1"));
        QCOMPARE(exactNumber(0.1 + 0.2), QStringLiteral("0.30000000000000004"));
        QCOMPARE(exactNumber(1e-5), QStringLiteral("1e-5"));
        QCOMPARE(exactNumber(100000.0), QStringLiteral("100000")); // a count of steps
        QCOMPARE(exactNumber(123456789012.0), QStringLiteral("123456789012"));
        QCOMPARE(exactNumber(-2e6), QStringLiteral("-2000000"));
        QCOMPARE(exactNumber(1e15), QStringLiteral("1e15"));
        QCOMPARE(exactNumber(inf), QStringLiteral("inf"));
        QCOMPARE(roundedNumber(123456.0), QStringLiteral("1.235e5"));
        QCOMPARE(tickNumber(12500, 500), QStringLiteral("12.5k"));
        QCOMPARE(tickNumber(12000, 500), QStringLiteral("12.0k"));
        QCOMPARE(tickNumber(0.9, 0.05), QStringLiteral("0.90"));
        QCOMPARE(tickNumber(0.95, 0.05), QStringLiteral("0.95"));
        QCOMPARE(tickNumber(2.0, 0.25), QStringLiteral("2.00"));
        QCOMPARE(tickNumber(1000.0, 200.0), QStringLiteral("1000"));
        QCOMPARE(tickNumber(123456, 1), QStringLiteral("123456"));
        QCOMPARE(tickNumber(0.981234, 1e-6), QStringLiteral("0.981234"));
        QCOMPARE(durationText(42), QStringLiteral("42 s"));
        QCOMPARE(durationText(7385), QStringLiteral("2:03:05"));
    }
};
LEYDEN_TEST(TestMetricStore)
} // namespace tst_metric_store

#include "tst_metric_store.moc"
