// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/pace_meter.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <cmath>

namespace tst_pace_meter {
using namespace leyden::app;

namespace {

RunProgress at(double seconds, qint64 batchesDone, qint64 maxEpochs = 10)
{
    RunProgress progress;
    progress.isTraining = true;
    progress.batches = 100;
    progress.epoch = batchesDone / 100;
    progress.batch = batchesDone % 100;
    progress.globalStep = batchesDone;
    progress.maxEpochs = maxEpochs;
    progress.seconds = progress.activeSeconds = seconds;
    progress.batchesPerSecond = 9999.0; // of the run's last second
    progress.remainingSeconds = 9999.0;
    return progress;
}

/// Trains at a speed from a time on, told ten times a second.
RunProgress train(PaceMeter& meter, double from, double to, qint64& done, double batchesPerSecond)
{
    RunProgress last;
    const qint64 before = done;
    for (int i = 1; i <= std::lround((to - from) * 10.0); ++i) {
        done = before + qint64(i * batchesPerSecond / 10.0);
        last = at(from + i / 10.0, done);
        meter.add(last);
    }
    return last;
}

} // namespace

class TestPaceMeter final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void speedAndTimeLeftAgree()
    {
        PaceMeter meter;
        qint64 done = 0;
        auto told = train(meter, 0.0, 20.0, done, 20.0);
        QCOMPARE(told.batchesPerSecond, 20.0);
        QCOMPARE(told.remainingSeconds, (1000.0 - double(done)) / 20.0);
        told = train(meter, 20.0, 25.0, done, 10.0); // another program has come
        QVERIFY(told.batchesPerSecond > 10.0 && told.batchesPerSecond < 20.0); // it does not jump
        QCOMPARE(told.remainingSeconds * told.batchesPerSecond, 1000.0 - double(done));
        told = train(meter, 25.0, 45.0, done, 10.0);
        QVERIFY(std::abs(told.batchesPerSecond - 10.0) < 0.2); // nor does it remember for long
    }

    void aValidationCountsAndAPauseDoesNot()
    {
        PaceMeter meter;
        qint64 done = 0;
        train(meter, 0.0, 5.0, done, 20.0);
        auto validating = at(6.0, done);
        validating.isTraining = false;
        validating.batches = 5; // its own
        validating.batch = 3;
        meter.add(validating);
        QCOMPARE(validating.batchesPerSecond, 20.0);            // what was known of the training
        const auto told = train(meter, 10.0, 15.0, done, 20.0); // five seconds of validation
        QVERIFY(told.batchesPerSecond < 15.0);
        QCOMPARE(told.remainingSeconds * told.batchesPerSecond, 1000.0 - double(done));
    }

    void saysNothingBeforeItKnows()
    {
        PaceMeter meter;
        auto first = at(0.1, 1);
        meter.add(first);
        QCOMPARE(first.batchesPerSecond, 9999.0);
        auto unknown = at(0.2, 2);
        unknown.batches = -1;
        meter.add(unknown);
        QCOMPARE(unknown.remainingSeconds, 9999.0);
    }

    void anEpochThatHasBegunIsFinished()
    {
        PaceMeter meter;
        qint64 done = 0;
        train(meter, 0.0, 15.0, done, 10.0); // in the middle of the second epoch
        auto told = at(15.1, done + 1, 1);   // max_epochs = 1
        meter.add(told);
        QVERIFY(std::abs(told.remainingSeconds - 4.9) < 0.2);
    }

    void stepsMayBeTheGoal()
    {
        PaceMeter meter;
        RunProgress told;
        for (int i = 0; i < 100; ++i) {
            told = at(i / 10.0, i * 2, -1);
            told.globalStep = i; // two batches a step
            told.maxSteps = 199;
            meter.add(told);
        }
        QVERIFY(std::abs(told.remainingSeconds - 10.0) < 0.01);
    }
};

LEYDEN_TEST(TestPaceMeter)
} // namespace tst_pace_meter

#include "tst_pace_meter.moc"
