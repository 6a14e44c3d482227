// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/plots/axis_tickers.h"

#include <QTest>

#include <qcustomplot.h>

#include <cmath>

namespace tst_axis_tickers {
using namespace leyden::ui;

class TestAxisTickers final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsHaveWholeTicks_data()
    {
        QTest::addColumn<double>("lower");
        QTest::addColumn<double>("upper");
        QTest::newRow("from nought") << 0.0 << 12.0;
        QTest::newRow("steps of 2.5 else") << 10.0 << 22.0;
        QTest::newRow("some") << 0.0 << 3.0;
        QTest::newRow("one") << 0.0 << 1.0;
        QTest::newRow("many") << 0.0 << 123456.0;
    }

    void countsHaveWholeTicks()
    {
        QFETCH(const double, lower);
        QFETCH(const double, upper);
        const auto ticker = makeNumberTicker(1.0);
        QVector<double> ticks;
        QVector<QString> labels;
        ticker->generate(
            QCPRange(lower, upper), QLocale::c(), QLatin1Char('g'), 6, ticks, nullptr, &labels);
        QVERIFY(ticks.size() >= 2);
        for (const double tick : ticks)
            QCOMPARE(tick, std::round(tick));
        for (const auto& label : labels)
            QVERIFY2(!label.contains(QLatin1Char('.')) || label.endsWith(QLatin1Char('k')),
                qPrintable(label));
    }

    void valuesHaveWhatTicksTheyNeed()
    {
        QVector<double> ticks;
        makeNumberTicker()->generate(
            QCPRange(0.0, 0.01), QLocale::c(), QLatin1Char('g'), 6, ticks, nullptr, nullptr);
        QVERIFY(ticks.size() >= 4);
    }
};
LEYDEN_WIDGET_TEST(TestAxisTickers)
} // namespace tst_axis_tickers

#include "tst_axis_tickers.moc"
