// SPDX-License-Identifier: GPL-3.0-or-later
// Prints figures; it asserts nothing about time, for a shared machine lies.
#include "widgets/plots/metric_chart.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace leyden::ui;

namespace {
// Noisy curves that fall, as losses do. All of one family.
MetricStore noisyStore(int seriesCount, int points)
{
    MetricStore store;
    QRandomGenerator random(1);
    QStringList names;
    for (int i = 0; i < seriesCount; ++i)
        names += seriesCount == 1 ? QStringLiteral("loss") : QStringLiteral("lr-group%1").arg(i);
    QList<MetricRow> rows;
    for (int step = 0; step < points; ++step) {
        MetricRow row{double(step), step / 1000.0, step / 100.0, notANumber, {}};
        for (const auto& name : names)
            row.values += NamedValue{
                name, std::exp(-3.0 * step / points) * (1.0 + 0.3 * random.generateDouble())};
        rows += row;
        if (rows.size() == 10'000) {
            store.appendRows(rows);
            rows.clear();
        }
    }
    store.appendRows(rows);
    return store;
}

double quantile(QList<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values.at(qsizetype(share * double(values.size() - 1) + 0.5));
}

double median(const QList<double>& values)
{
    return quantile(values, 0.5);
}
} // namespace

class BenchPlots final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void repaint_data()
    {
        QTest::addColumn<int>("series");
        QTest::addColumn<int>("points");
        QTest::addColumn<double>("smoothing");
        QTest::newRow("1 x 1M") << 1 << 1'000'000 << 0.0;
        QTest::newRow("1 x 1M, smoothed") << 1 << 1'000'000 << 0.99;
        QTest::newRow("10 x 100k") << 10 << 100'000 << 0.0;
        QTest::newRow("10 x 100k, smoothed") << 10 << 100'000 << 0.99;
        QTest::newRow("1 x 10k") << 1 << 10'000 << 0.0;
    }
    void repaint()
    {
        QFETCH(const int, series);
        QFETCH(const int, points);
        QFETCH(const double, smoothing);
        const auto store = noisyStore(series, points);
        QElapsedTimer timer;
        timer.start();
        MetricChart chart(store, series == 1 ? QStringLiteral("loss") : QStringLiteral("lr"));
        ChartSettings settings;
        settings.smoothing = smoothing;
        chart.setSettings(settings);
        const double built = double(timer.nsecsElapsed()) * 1e-6;
        chart.resize(1200, 600);
        chart.show();
        QList<double> replots;
        QList<double> zooms;
        const auto connection = connect(
            &chart, &MetricChart::painted, &chart, [&replots](double ms) { replots += ms; });
        for (int i = 0; i < 21; ++i)
            chart.replot();
        disconnect(connection);
        for (int i = 0; i < 21; ++i) {
            timer.start();
            chart.setXView({XView::Mode::Manual, points * 0.01 * i, points * (0.5 + 0.02 * i)});
            chart.replot();
            zooms += double(timer.nsecsElapsed()) * 1e-6;
        }
        QList<double> crosshairs;
        for (int i = 0; i < 21; ++i) {
            timer.start();
            chart.setCrosshair(points * (0.5 + 0.01 * i));
            crosshairs += double(timer.nsecsElapsed()) * 1e-6;
        }
        qInfo("{\"what\": \"%s\", \"build_ms\": %.1f, \"replot_p50_ms\": %.2f, \"replot_p95_ms\": "
              "%.2f, "
              "\"pan_ms\": %.2f, \"crosshair_ms\": %.3f}",
            QTest::currentDataTag(), built, median(replots), quantile(replots, 0.95), median(zooms),
            median(crosshairs));
        QVERIFY(replots.size() >= 21);
    }

    void append()
    {
        constexpr int batches = 1000;
        constexpr int perBatch = 1000;
        MetricStore store;
        MetricChart chart(store, QStringLiteral("loss"));
        QList<MetricRow> rows;
        for (int i = 0; i < perBatch; ++i)
            rows += MetricRow{0, 0, 0, notANumber, {{QStringLiteral("train_loss"), 0.5}}};
        qint64 storeNs = 0;
        qint64 chartNs = 0;
        QElapsedTimer timer;
        for (int batch = 0; batch < batches; ++batch) {
            for (int i = 0; i < perBatch; ++i)
                rows[i].step = batch * perBatch + i;
            timer.start();
            store.appendRows(rows);
            storeNs += timer.nsecsElapsed();
            timer.start();
            chart.sync();
            chartNs += timer.nsecsElapsed();
        }
        qInfo("1M points in batches of 1000: store %.0f ms, chart %.0f ms; %.2f M points/s",
            double(storeNs) * 1e-6, double(chartNs) * 1e-6,
            batches * perBatch / (double(storeNs + chartNs) * 1e-3));
        QCOMPARE(store.series(QStringLiteral("train_loss"))->size(), batches * perBatch);
    }
};
QTEST_MAIN(BenchPlots)
#include "bench_plots.moc"
