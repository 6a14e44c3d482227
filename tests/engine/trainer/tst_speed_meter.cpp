// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/speed_meter.h"
#include "tests/support/scripted_run.h"
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

    void aShortRunHasTheMeanOfItsBatches()
    {
        SteeredClock clock;
        SpeedMeter speed(clock);
        speed.begin(0);
        train(clock, speed, 20);
        const auto before = clock.monotonic();
        clock.advance(500ms); // a validation
        speed.leave_out(before);
        train(clock, speed, 20);
        speed.end();
        QVERIFY2(qAbs(speed.batches_per_second() - 100.0) < 1e-6,
            qPrintable(QString::number(speed.batches_per_second())));
        QVERIFY(qAbs(speed.wait_share() - 0.2) < 1e-6);
    }

    void aLongRunKeepsWhatItHadLast()
    {
        SteeredClock clock;
        SpeedMeter speed(clock);
        speed.begin(0);
        train(clock, speed, 102);
        const auto last = speed.batches_per_second();
        clock.advance(3s); // a checkpoint
        speed.end();
        QCOMPARE(speed.batches_per_second(), last);
    }

    void theEndOfAFitHasASpeed()
    {
        MemoryData data(4, 1);
        ScriptedModel model;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        TrainerOptions options;
        options.max_epochs = 1;
        options.logger = false;
        options.enable_checkpointing = false;
        options.enable_model_summary = false;
        Trainer(options, std::move(parts)).fit(model, data);
        const auto progress = events.all<ProgressEvent>();
        QVERIFY(!progress.empty());
        QCOMPARE(progress.back().stage, StageKind::Idle);
        QVERIFY(progress.back().batches_per_second > 0.0);
    }
};

LEYDEN_TEST(TestSpeedMeter)
} // namespace tst_speed_meter

#include "tst_speed_meter.moc"
