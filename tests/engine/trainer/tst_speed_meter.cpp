// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/speed_meter.h"
#include "tests/support/steered_clock.h"
#include "tests/support/test_program.h"

#include <QTest>

namespace tst_speed_meter {
using namespace leyden;
using namespace leyden::test;
using namespace std::chrono_literals;

class TestSpeedMeter final : public QObject
{
    Q_OBJECT
private:
    static void train(SteeredClock& clock, SpeedMeter& speed, int batches)
    {
        for (int i = 0; i < batches; ++i) {
            speed.fetch_begins();
            clock.advance(2ms);
            speed.fetch_ends();
            clock.advance(8ms);
        }
    }

private Q_SLOTS:
    void countsTheLastSecond()
    {
        SteeredClock clock;
        SpeedMeter speed(clock);
        speed.begin(0);
        train(clock, speed, 100);
        QCOMPARE(speed.batches_per_second(), 0.0); // a second has not passed yet
        train(clock, speed, 2);
        QVERIFY(qAbs(speed.batches_per_second() - 100.0) < 1.5);
        QVERIFY(qAbs(speed.wait_share() - 0.2) < 0.01);
        QCOMPARE(speed.batches(), int64_t(102));
    }

    void leavesOutValidationsHoweverOftenTheyCome()
    {
        SteeredClock clock;
        SpeedMeter speed(clock);
        speed.begin(0);
        for (int epoch = 0; epoch < 15; ++epoch) {
            train(clock, speed, 10);
            const auto before = clock.monotonic();
            clock.advance(300ms);
            speed.leave_out(before);
        }
        QVERIFY2(qAbs(speed.batches_per_second() - 100.0) < 1.5,
            qPrintable(QString::number(speed.batches_per_second())));
    }
};

LEYDEN_TEST(TestSpeedMeter)
} // namespace tst_speed_meter

#include "tst_speed_meter.moc"
