// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/plots/export_file.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/y_range_dialog.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <bit>
#include <cmath>

namespace tst_metric_chart {
using namespace leyden::ui;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
const QString trainLoss = QStringLiteral("train_loss");
const QString valLoss = QStringLiteral("val_loss");

MetricStore storeOf(const QString& name, const QList<double>& values, double firstStep = 0)
{
    MetricStore store;
    QList<MetricRow> rows;
    for (qsizetype i = 0; i < values.size(); ++i)
        rows += MetricRow{firstStep + double(i), double(i) / 10, double(i) / 2, notANumber,
            {{name, values.at(i)}}};
    store.appendRows(rows);
    return store;
}

MetricStore trainAndVal()
{
    auto store = storeOf(trainLoss, {1.0, 0.8, 0.6, 0.5, 0.45});
    store.appendRows(
        {{2, 0.2, 1, notANumber, {{valLoss, 0.7}}}, {4, 0.4, 2, notANumber, {{valLoss, 0.55}}}});
    return store;
}

// A chart of 800 x 400 as a hand meets it.
std::unique_ptr<MetricChart> shown(
    const MetricStore& store, const QString& family = QStringLiteral("loss"))
{
    auto chart = std::make_unique<MetricChart>(store, family);
    chart->resize(800, 400);
    chart->show();
    chart->replot();
    return chart;
}

void turnWheel(
    MetricChart& chart, const QPointF& at, int notches, Qt::KeyboardModifiers modifiers = {})
{
    auto* plot = chart.plotWidget();
    QWheelEvent event(at, plot->mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, modifiers,
        Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(plot, &event);
}

void drag(
    MetricChart& chart, const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers = {})
{
    auto* plot = chart.plotWidget();
    QTest::mousePress(plot, Qt::LeftButton, modifiers, from);
    for (const auto& at : {from + (to - from) / 2, to}) {
        QMouseEvent move(
            QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(plot, &move);
    }
    QTest::mouseRelease(plot, Qt::LeftButton, modifiers, to);
}

// Whether pixels of a hue lie in a column around x, from above up to y.
int pixelsLike(const QImage& image, const QRectF& area, const QColor& wanted)
{
    int count = 0;
    const double scale = double(image.width()) / 800.0;
    for (int y = int(area.top() * scale); y < int(area.bottom() * scale); ++y)
        for (int x = int(area.left() * scale); x < int(area.right() * scale); ++x) {
            const auto color = image.pixelColor(x, y);
            const int distance = std::abs(color.red() - wanted.red())
                + std::abs(color.green() - wanted.green()) + std::abs(color.blue() - wanted.blue());
            count += distance < 120 ? 1 : 0;
        }
    return count;
}

QColor trainColor(const MetricChart& chart)
{
    return seriesColor(0, PlotColors::of(chart.palette()).isDark);
}

// What a PDF draws: its decompressed streams.
QByteArray pdfContents(const QByteArray& pdf)
{
    QByteArray contents;
    qsizetype at = 0;
    while ((at = pdf.indexOf("stream\n", at)) >= 0) {
        at += 7;
        const auto end = pdf.indexOf("endstream", at);
        const auto packed = pdf.mid(at, end - at);
        contents
            += qUncompress(QByteArray::fromHex("00800000") + packed); // Qt wants a length in front
        at = end + 9;
    }
    return contents;
}
} // namespace

class TestMetricChart final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // One point among a million stands out at every zoom level, and reads out exactly.
    void item7_neverLosesASpike_data()
    {
        QTest::addColumn<double>("shareInView");
        QTest::addColumn<bool>("isLog");
        for (const double share : {1.0, 0.31, 0.1, 0.01, 0.001, 1e-4, 1e-5})
            for (const bool isLog : {false, true})
                QTest::addRow("%g of the run, %s", share, isLog ? "log" : "linear")
                    << share << isLog;
    }
    void item7_neverLosesASpike()
    {
        QFETCH(const double, shareInView);
        QFETCH(const bool, isLog);
        constexpr int count = 1'000'000;
        constexpr int spikeAt = 412'357;
        static const MetricStore store = [] {
            QRandomGenerator random(3);
            QList<double> values(count);
            for (auto& value : values)
                value = 1.0 + 0.1 * random.generateDouble();
            values[spikeAt] = 97.123456789012345;
            return storeOf(trainLoss, values);
        }();
        auto chart = shown(store);
        chart->setYLog(isLog);
        const double width = count * shareInView;
        chart->setXView({XView::Mode::Manual, spikeAt - width * 0.4, spikeAt + width * 0.6});
        const auto image = chart->image({800, 400}, 1.0);
        const auto plot = chart->plotRect();
        const double x = chart->pixelAt(spikeAt, 1).x();
        // Here is nothing but background, unless the tip of the spike is drawn.
        const double top = chart->pixelAt(spikeAt, 97.1).y();
        const QRectF tip(x - 4, top, 8, chart->pixelAt(spikeAt, 80).y() - top);
        QVERIFY(plot.contains(tip));
        QVERIFY2(pixelsLike(image, tip, trainColor(*chart)) >= 4, "the spike is not drawn");
        const auto value = chart->readOut(spikeAt).value(0);
        QCOMPARE(std::bit_cast<quint64>(value.value), std::bit_cast<quint64>(97.123456789012345));
        QCOMPARE(value.x, double(spikeAt));
    }

    void readsOutTheNearestExactValue()
    {
        const auto store = storeOf(trainLoss, {0.1, 0.2 + 1e-16, 0.1 + 0.2});
        auto chart = shown(store);
        QCOMPARE(chart->readOut(1.6).value(0).value, 0.1 + 0.2);
        QCOMPARE(chart->readOut(-50).value(0).value, 0.1);
        QCOMPARE(chart->readOut(1e9).value(0).value, 0.1 + 0.2);
        QCOMPARE(chart->snappedX(chart->pixelAt(0.9, 0).x()), 1.0);
    }

    void marksNonFiniteValues()
    {
        QList<double> values(100, 0.5);
        values[40] = notANumber;
        values[41] = inf;
        values[42] = -inf;
        const auto store = storeOf(trainLoss, values);
        auto chart = shown(store);
        QCOMPARE(chart->nonFiniteCount(), 3);
        QVERIFY(chart->explanation().isEmpty());
        const auto error = PlotColors::of(chart->palette()).error;
        const auto image = chart->image({800, 400}, 1.0);
        const auto plot = chart->plotRect();
        const auto foot = [&](double step) {
            const double x = chart->pixelAt(step, 0).x();
            return pixelsLike(image, QRectF(x - 5, plot.bottom() - 10, 10, 10), error);
        };
        QVERIFY(foot(40) > 10);
        QCOMPARE(foot(70), 0);
        QVERIFY(std::isfinite(chart->yRange().first) && std::isfinite(chart->yRange().second));
        QCOMPARE(chart->readOut(41).value(0).value, 0.5); // the neighbours are read, not the hole
    }

    void explainsACurveThatIsNaNFromTheStart()
    {
        const auto store = storeOf(trainLoss, QList<double>(5, notANumber), 49);
        auto chart = shown(store);
        QVERIFY2(chart->explanation().contains(QStringLiteral("step 49")),
            qPrintable(chart->explanation()));
        QVERIFY(chart->explanation().contains(trainLoss));
        const MetricStore empty;
        MetricChart none(empty, QStringLiteral("loss"));
        QVERIFY(!none.explanation().isEmpty());
    }

    void staysSaneOnALogAxis()
    {
        auto store = storeOf(trainLoss, {0.0, -3.0, 0.01, 10.0});
        auto chart = shown(store);
        chart->setYLog(true);
        auto [low, high] = chart->yRange();
        QVERIFY(low > 0.001 && low <= 0.01);
        QVERIFY(high >= 10.0 && high < 100.0);
        QCOMPARE(chart->readOut(0).value(0).value, 0.01); // 0 and -3 have no place
        store.appendRows({{4, 0, 0, notANumber, {{trainLoss, 1000.0}}}});
        chart->sync();
        QVERIFY(chart->yRange().second >= 1000.0);
        chart->setYLog(false);
        QCOMPARE(chart->readOut(1).value(0).value, -3.0);
        QVERIFY(chart->yRange().first < -3.0);

        const auto negative = storeOf(trainLoss, {-1.0, -2.0});
        auto other = shown(negative);
        QVERIFY(other->explanation().isEmpty());
        other->setYLog(true);
        QVERIFY(!other->explanation().isEmpty());
        QVERIFY(other->yRange().first > 0.0 && std::isfinite(other->yRange().second));
        ChartSettings logX;
        logX.xLog = true; // step 0 has no place either
        chart->setSettings(logX);
        QVERIFY(chart->xRange().first > 0.0);
        QCOMPARE(chart->readOut(0).value(0).x, 1.0);
    }

    void drawsOneConstantValue_data()
    {
        QTest::addColumn<double>("value");
        for (const double value : {0.0, 1.0, -7.5, 1e-12, 1e30, 1e-300})
            QTest::addRow("%g", value) << value;
    }
    void drawsOneConstantValue()
    {
        QFETCH(const double, value);
        const auto store = storeOf(trainLoss, {value}, 100);
        auto chart = shown(store);
        QVERIFY(chart->xRange().first < 100.0 && chart->xRange().second > 100.0);
        QVERIFY(chart->yRange().first < value + 1e-290 && chart->yRange().second > value);
        const auto at = chart->pixelAt(100, value);
        QVERIFY(pixelsLike(chart->image({800, 400}, 1.0), QRectF(at.x() - 4, at.y() - 4, 8, 8),
                    trainColor(*chart))
            > 4);
    }

    void smoothsWithTheValuesBehind()
    {
        const auto store = storeOf(trainLoss, {1.0, 3.0});
        auto chart = shown(store);
        QVERIFY(std::isnan(chart->readOut(1).value(0).smoothed));
        ChartSettings settings;
        settings.smoothing = 0.5;
        chart->setSettings(settings);
        QCOMPARE(chart->readOut(1).value(0).value, 3.0);
        QCOMPARE(chart->readOut(1).value(0).smoothed, (0.25 * 1.0 + 0.5 * 3.0) / 0.75);
        QVERIFY(chart->csv().contains("train_loss (smoothed)"));
    }

    void changesTheXAxis()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        ChartSettings settings;
        settings.xAxis = XAxis::WallTime;
        chart->setSettings(settings);
        QCOMPARE(chart->readOut(0.5).value(0).x, 0.5);
        QCOMPARE(chart->readOut(0.5).value(0).value, 0.8);
        QVERIFY(chart->xRange().second < 2.5);
    }

    void theReadOutSaysWhereOnEveryAxis_data()
    {
        QTest::addColumn<XAxis>("axis");
        QTest::addColumn<double>("x"); // of the only point
        QTest::addColumn<QString>("text");
        QTest::newRow("step") << XAxis::Step << 1200.0 << QStringLiteral("0.5 @ 1,200");
        QTest::newRow("epoch") << XAxis::Epoch << 1.5 << QStringLiteral("0.5 @ 1.5");
        QTest::newRow("seconds") << XAxis::WallTime << 40.0 << QStringLiteral("0.5 @ 40 s");
        QTest::newRow("parts of a second")
            << XAxis::ActiveTime << 0.25 << QStringLiteral("0.5 @ 0.25 s");
        QTest::newRow("minutes") << XAxis::ActiveTime << 90.0 << QStringLiteral("0.5 @ 1:30");
        QTest::newRow("hours") << XAxis::WallTime << 3725.0 << QStringLiteral("0.5 @ 1:02:05");
    }

    void theReadOutSaysWhereOnEveryAxis()
    {
        QFETCH(const XAxis, axis);
        QFETCH(const double, x);
        MetricStore store;
        store.appendRows({{x, x, x, x, {{trainLoss, 0.5}}}});
        auto chart = shown(store);
        ChartSettings settings;
        settings.xAxis = axis;
        chart->setSettings(settings);
        const auto value = chart->readOut(x + 1).value(0);
        QTEST(chart->readOutText(value, x + 1), "text");
        QCOMPARE(chart->readOutText(value, x), QStringLiteral("0.5")); // it is right there
    }

    void zoomsAtTheMouse()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        QSignalSpy changed(chart.get(), &MetricChart::xViewChanged);
        const auto at = chart->plotRect().center() + QPointF(90, 0);
        const double x = chart->xAtPixel(at.x());
        const auto before = chart->xRange();
        turnWheel(*chart, at, 2);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(chart->xView().mode, XView::Mode::Manual);
        QVERIFY(
            std::abs(chart->xAtPixel(at.x()) - x) < 1e-9); // what lay under the mouse still does
        QVERIFY(
            chart->xRange().second - chart->xRange().first < 0.7 * (before.second - before.first));

        const auto y = chart->yRange();
        const auto xNow = chart->xRange();
        turnWheel(*chart, at, 1, Qt::ControlModifier);
        QVERIFY(chart->yRange().second - chart->yRange().first < 0.9 * (y.second - y.first));
        QCOMPARE(chart->xRange(), xNow);
    }

    void pansAndZoomsByDragging()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        const auto center = chart->plotRect().center().toPoint();
        const double x = chart->xAtPixel(center.x());
        drag(*chart, center, center + QPoint(100, 0));
        QVERIFY(std::abs(chart->xAtPixel(center.x() + 100) - x) < 1e-9);
        QVERIFY(chart->state().isYAuto); // a level drag leaves y alone

        const double left = chart->xAtPixel(center.x() - 50);
        const double right = chart->xAtPixel(center.x() + 50);
        drag(*chart, center - QPoint(50, 40), center + QPoint(50, 40), Qt::ShiftModifier);
        QVERIFY(std::abs(chart->xRange().first - left) < 1e-9);
        QVERIFY(std::abs(chart->xRange().second - right) < 1e-9);
        QVERIFY(!chart->state().isYAuto);
    }

    void fitsAndGoesBack()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        const auto all = chart->xRange();
        const auto center = chart->plotRect().center().toPoint();
        drag(*chart, center - QPoint(50, 40), center + QPoint(50, 40), Qt::ShiftModifier);
        const auto zoomed = chart->xRange();
        QVERIFY(zoomed != all);
        QTest::mouseDClick(chart->plotWidget(), Qt::LeftButton, {}, center);
        QCOMPARE(chart->xRange(), all);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Backspace);
        QCOMPARE(chart->xRange(), zoomed);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Backspace);
        QCOMPARE(chart->xRange(), all);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Backspace); // no view before the first
        QCOMPARE(chart->xRange(), all);
    }

    void followsTheLatest()
    {
        auto store = storeOf(trainLoss, QList<double>(1000, 1.0));
        auto chart = shown(store);
        QTest::keyClick(chart->plotWidget(), Qt::Key_F);
        QCOMPARE(chart->xView().mode, XView::Mode::Follow);
        const double width = chart->xRange().second - chart->xRange().first;
        QVERIFY(width < 400);
        store.appendRows({{5000, 0, 0, notANumber, {{trainLoss, 40.0}}}});
        chart->sync();
        QVERIFY(chart->xRange().first < 5000 && chart->xRange().second > 5000);
        QVERIFY(std::abs(chart->xRange().second - chart->xRange().first - width) < 1e-6);
        QVERIFY(chart->yRange().second > 40.0);
        const auto kept = chart->xRange();
        QTest::keyClick(chart->plotWidget(), Qt::Key_F);
        store.appendRows({{9000, 0, 0, notANumber, {{trainLoss, 1.0}}}});
        chart->sync();
        QCOMPARE(chart->xRange(), kept);
    }

    void togglesLogByKey()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        QTest::keyClick(chart->plotWidget(), Qt::Key_L);
        QVERIFY(chart->state().isYLog);
        QTest::keyClick(chart->plotWidget(), Qt::Key_L);
        QVERIFY(!chart->state().isYLog);
    }

    void isolatesAndHidesByTheLegend()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        const auto clickOn = [&chart](const QString& name, Qt::KeyboardModifiers modifiers = {}) {
            QTest::mouseClick(chart->plotWidget(), Qt::LeftButton, modifiers,
                chart->legendRect(name).center().toPoint());
        };
        QVERIFY(!chart->legendRect(valLoss).isEmpty());
        clickOn(valLoss);
        QVERIFY(!chart->isSeriesVisible(trainLoss));
        QVERIFY(chart->isSeriesVisible(valLoss));
        QCOMPARE(chart->readOut(2).size(), 1);
        QVERIFY(chart->yRange().second < 0.8); // y fits what is left
        clickOn(valLoss);
        QVERIFY(chart->isSeriesVisible(trainLoss));
        clickOn(trainLoss, Qt::ControlModifier);
        QVERIFY(!chart->isSeriesVisible(trainLoss));
        QVERIFY(chart->isSeriesVisible(valLoss));
        QVERIFY(!chart->csv().contains(trainLoss.toUtf8())); // the export is what the screen shows
        clickOn(trainLoss, Qt::ControlModifier);
        QVERIFY(chart->isSeriesVisible(trainLoss));
    }

    void elidesLongNames()
    {
        const auto longName = QStringLiteral("val_") + QString(300, QLatin1Char('x'));
        auto store = storeOf(longName, {1.0, 2.0});
        auto chart = shown(store, metricFamily(longName));
        const auto rect = chart->legendRect(longName);
        QVERIFY(!rect.isEmpty() && rect.right() <= 800);
        QVERIFY(chart->toolTipAt(rect.center()).contains(longName));
        QVERIFY(chart->plotRect().height() > 200);
    }

    void showsMarkersAndBest()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        const auto plain = chart->image({800, 400}, 1.0);
        chart->setMarkers({{MarkerKind::Checkpoint, 2, QStringLiteral("epoch=1.ckpt")},
            {MarkerKind::Pause, 3, QStringLiteral("paused")}});
        chart->setBestModes({{valLoss, MetricMode::Min}});
        chart->replot();
        const auto plot = chart->plotRect();
        const double pause = chart->pixelAt(3, 0).x();
        QVERIFY(chart->toolTipAt({pause, plot.center().y()}).contains(QStringLiteral("paused")));
        QVERIFY(chart->toolTipAt({chart->pixelAt(2, 0).x(), plot.bottom() + 6})
                .contains(QStringLiteral("epoch=1.ckpt")));
        QVERIFY(chart->toolTipAt({pause - 60, plot.center().y()}).isEmpty());
        const auto marked = chart->image({800, 400}, 1.0);
        const auto differs = [&](const QPointF& at, double reach) {
            for (int y = int(at.y() - reach); y <= int(at.y() + reach); ++y)
                for (int x = int(at.x() - reach); x <= int(at.x() + reach); ++x)
                    if (plain.pixel(x, y) != marked.pixel(x, y))
                        return true;
            return false;
        };
        QVERIFY(differs({chart->pixelAt(2, 0).x(), plot.bottom() + 6}, 3)); // tick
        QVERIFY(differs({pause, plot.center().y()}, 8));                    // line
        QVERIFY(differs(chart->pixelAt(4, 0.55), 6));                       // star
    }

    void marksOfOneStepLieBesideEachOther()
    {
        const QRectF plot(50, 20, 600, 300);
        QList<PlacedMarker> markers;
        for (const auto kind : {MarkerKind::Pause, MarkerKind::Resume, MarkerKind::Intervention,
                 MarkerKind::Intervention, MarkerKind::Intervention, MarkerKind::Intervention,
                 MarkerKind::Note})
            markers += PlacedMarker{{kind, 5.0, {}}, 200.0, {}};
        markers += PlacedMarker{{MarkerKind::Intervention, 6.0, {}}, 203.0, {}};
        fanOutMarkers(markers, plot);
        for (qsizetype i = 0; i < markers.size(); ++i) {
            QVERIFY(!markers[i].sign.isEmpty());
            QVERIFY(std::abs(markers[i].sign.center().x() - markers[i].pixel) < 40);
            for (qsizetype j = 0; j < i; ++j)
                QVERIFY(!markers[i].sign.intersects(markers[j].sign));
        }
        QList<PlacedMarker> atTheEdge(
            3, PlacedMarker{{MarkerKind::Resume, 9.0, {}}, plot.right(), {}});
        fanOutMarkers(atTheEdge, plot);
        for (const auto& each : atTheEdge) {
            QVERIFY(!each.sign.isEmpty());
            QVERIFY(each.sign.center().x() <= plot.right()); // beyond it the chart ends
        }
        QVERIFY(!atTheEdge[0].sign.intersects(atTheEdge[1].sign));
        QList<PlacedMarker> ticks(2, PlacedMarker{{MarkerKind::Checkpoint, 5.0, {}}, 200.0, {}});
        fanOutMarkers(ticks, plot); // best and last
        QVERIFY(!ticks[0].sign.intersects(ticks[1].sign));

        const auto store = trainAndVal();
        auto chart = shown(store);
        chart->setMarkers({{MarkerKind::Intervention, 2, QStringLiteral("lr = 0.1")},
            {MarkerKind::Intervention, 2, QStringLiteral("patience = 1")}});
        chart->replot();
        const QPointF second(chart->pixelAt(2, 0).x() + 12, chart->plotRect().top() + 5);
        QVERIFY(chart->toolTipAt(second).contains(QStringLiteral("patience = 1")));
        QVERIFY(!chart->toolTipAt(second).contains(QStringLiteral("lr = 0.1")));
    }

    void theReadOutLeavesMarksFree()
    {
        const QRectF plot(50, 20, 600, 300);
        const QSizeF size(160, 80);
        QCOMPARE(placedBox(size, plot, 200, {}), QRectF(210, 24, 160, 80)); // right, at the top
        QCOMPARE(placedBox(size, plot, 600, {}), QRectF(430, 24, 160, 80)); // no room there
        const QRectF star(220, 30, 60, 30);
        const auto beside = placedBox(size, plot, 260, {star.translated(60, 0)});
        QVERIFY(!beside.intersects(star.translated(60, 0)));
        QVERIFY(plot.contains(beside));
        const auto below = placedBox(size, plot, 100, {star.translated(-80, 0)}); // no room left
        QVERIFY(!below.intersects(star.translated(-80, 0)));
        QVERIFY(below.top() > 100);
    }

    void theLabelOfAFirstBestIsWhole()
    {
        QImage image(400, 200, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        const QRectF plot(60, 10, 320, 160);
        const auto covered = paintBest(painter, plot, plot.bottomLeft() + QPointF(0, -20), Qt::red,
            QStringLiteral("best 0.04119"), {}, PlotColors::of({}));
        const auto needed
            = QFontMetricsF(QFont()).horizontalAdvance(QStringLiteral("best 0.04119"));
        QVERIFY(covered.right() - plot.left() > needed + 8); // off the axis
    }

    void theOutermostValuesCanBeLeftOut()
    {
        QList<double> values{50.0, 20.0};
        for (int i = 0; i < 998; ++i)
            values += 0.1 + 0.01 * (i % 7);
        const auto store = storeOf(trainLoss, values);
        auto chart = shown(store);
        QVERIFY(chart->yRange().second > 50.0);
        chart->setSettings({.trimsY = true});
        chart->replot();
        QVERIFY(chart->yRange().second < 0.2 && chart->yRange().first > 0.0);
        QCOMPARE(chart->readOut(0).value(0).value, 50.0); // it is there all the same
        QVERIFY(chart->legendNotice().contains(QStringLiteral("1 %")));
        chart->userYRange(0.0, 30.0); // a hand's own range
        QCOMPARE(chart->yRange(), std::pair(0.0, 30.0));
        QVERIFY(chart->legendNotice().isEmpty());
        chart->userPreviousView();
        QVERIFY(chart->yRange().second < 0.2);
        chart->setYLog(true);
        chart->userYRange(-1.0, 1.0); // no log axis has that
        QVERIFY(chart->yRange().first > 0.0);
        chart->setSettings({});
        chart->setYLog(false);
        QVERIFY(chart->yRange().second > 50.0);
    }

    void theRangeOfYIsTyped()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        QMenu menu;
        chart->fillMenu(menu);
        menu.findChild<QAction*>(QStringLiteral("yRange"))->trigger();
        auto* dialog = chart->findChild<YRangeDialog*>();
        QVERIFY(dialog);
        auto* lower = dialog->findChild<QLineEdit*>(QStringLiteral("yLower"));
        auto* upper = dialog->findChild<QLineEdit*>(QStringLiteral("yUpper"));
        auto* accept = dialog->findChild<QPushButton*>(QStringLiteral("yAccept"));
        lower->setText(QStringLiteral("0.5"));
        upper->setText(QStringLiteral("0,7"));
        QVERIFY(!accept->isEnabled());
        upper->setText(QStringLiteral("0.4"));
        QVERIFY(!accept->isEnabled());
        upper->setText(QStringLiteral("7e-1"));
        QVERIFY(accept->isEnabled());
        accept->click();
        QCOMPARE(chart->yRange(), std::pair(0.5, 0.7));
        chart->askForYRange();
        chart->findChildren<YRangeDialog*>()
            .last()
            ->findChild<QPushButton*>(QStringLiteral("yAutomatic"))
            ->click();
        QVERIFY(chart->yRange().second > 1.0);
    }

    void validationLiesUponTheNoiseOfTraining()
    {
        MetricStore store;
        QList<MetricRow> rows{{0, 0, 0, notANumber, {{valLoss, 0.5}}}}; // first, as a sanity check
        for (int i = 0; i < 20'000; ++i)
            rows += MetricRow{double(i), 0, 0, notANumber, {{trainLoss, double(i % 2)}}};
        for (int i = 1; i <= 40; ++i)
            rows += MetricRow{i * 500.0, 0, 0, notANumber, {{valLoss, 0.5}}};
        store.appendRows(rows);
        auto chart = shown(store);
        const auto image = chart->image({800, 400}, 1.0);
        const auto color = seriesColor(1, PlotColors::of(chart->palette()).isDark); // validation's
        const auto line
            = QRectF(chart->plotRect().left() + 100, chart->pixelAt(0, 0.5).y() - 3, 500, 7);
        QVERIFY(pixelsLike(image, line, color) > 200);
    }

    void asksForTheMenuOfACheckpoint()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        chart->setMarkers({{MarkerKind::Checkpoint, 2, QStringLiteral("epoch=1.ckpt")},
            {MarkerKind::Validation, 3, {}}});
        chart->replot();
        const auto below = [&](double step) {
            return QPointF(chart->pixelAt(step, 0).x(), chart->plotRect().bottom() + 6);
        };
        QCOMPARE(chart->checkpointAt(below(2)), std::optional(2.0));
        QVERIFY(!chart->checkpointAt(below(3)));                  // a validation
        QVERIFY(!chart->checkpointAt(below(2) - QPointF(0, 60))); // the curve above it
        QSignalSpy asked(chart.get(), &MetricChart::checkpointMenuRequested);
        const auto at = below(2).toPoint();
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, chart->plotWidget()->mapToGlobal(at));
        QApplication::sendEvent(chart->plotWidget(), &event);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().toDouble(), 2.0);
        QVERIFY(!chart->findChild<QMenu*>(QStringLiteral("chartMenu")));
    }

    void movesTheCrosshairByKeys()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        QSignalSpy moved(chart.get(), &MetricChart::crosshairMoved);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Left); // from the right end
        QCOMPARE(chart->crosshair().value_or(-1), 4.0);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Left);
        QCOMPARE(chart->crosshair().value_or(-1), 3.0);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Right);
        QCOMPARE(chart->crosshair().value_or(-1), 4.0);
        QTest::keyClick(chart->plotWidget(), Qt::Key_Escape);
        QVERIFY(!chart->crosshair());
        QCOMPARE(moved.size(), 4);
    }

    void hasAMenu()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        QMenu menu;
        chart->fillMenu(menu);
        QStringList names;
        for (const auto* action : menu.actions())
            names += action->objectName();
        for (const auto* name :
            {"copyImage", "copyData", "exportPdf", "exportSvg", "exportPng", "exportCsv"})
            QVERIFY2(names.contains(QLatin1String(name)), name);
    }

    void item21_exportsVectorPaths()
    {
        QList<double> values;
        for (int i = 0; i < 300; ++i)
            values += std::sin(i * 0.37);
        const auto store = storeOf(trainLoss, values);
        auto chart = shown(store);
        QTemporaryDir folder;
        const auto path = folder.filePath(QStringLiteral("chart.pdf"));
        QCOMPARE(chart->exportPdf(path), QString());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto pdf = file.readAll();
        QVERIFY(pdf.startsWith("%PDF"));
        QVERIFY(!pdf.contains("/Subtype /Image"));
        const auto contents = pdfContents(pdf);
        QVERIFY2(contents.count(" l\n") >= 299, "each piece of the curve is a line in the PDF");
        QVERIFY(contents.contains("BT")); // title and legend are text

        const auto svgPath = folder.filePath(QStringLiteral("chart.svg"));
        QCOMPARE(chart->exportSvg(svgPath), QString());
        QFile svg(svgPath);
        QVERIFY(svg.open(QIODevice::ReadOnly));
        const auto text = svg.readAll();
        QVERIFY(text.contains("polyline") || text.contains("<path"));
        QVERIFY(text.contains(trainLoss.toUtf8()));
        QVERIFY(!text.contains("<image"));
        QVERIFY(!chart->exportPng(QStringLiteral("/no/such/folder/chart.png")).isEmpty());
        const auto pngPath = folder.filePath(QStringLiteral("chart.png"));
        QVERIFY(savedPng(pngPath, QImage()).contains(QStringLiteral("too large")));
        QVERIFY(!QFile::exists(pngPath));
    }

    void keepsItsStateForARebuild()
    {
        const auto store = trainAndVal();
        auto chart = shown(store);
        chart->setYLog(true);
        chart->toggleSeries(trainLoss);
        MetricChart again(store, QStringLiteral("loss"));
        again.setState(chart->state());
        QVERIFY(again.state().isYLog);
        QVERIFY(!again.isSeriesVisible(trainLoss));
    }
};
LEYDEN_WIDGET_TEST(TestMetricChart)
} // namespace tst_metric_chart

#include "tst_metric_chart.moc"
