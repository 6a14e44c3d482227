// SPDX-License-Identifier: GPL-3.0-or-later
// How much a thread waits for a core, from looks at its clocks.
#include "engine/core/cpu_wait_meter.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <memory>
#include <vector>

namespace tst_cpu_wait_meter {
using namespace leyden;

class TestCpuWaitMeter final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsShareAndCause_data()
    {
        QTest::addColumn<int>("cores");
        QTest::addColumn<double>("waited"); // of two seconds
        QTest::addColumn<double>("process");
        QTest::addColumn<double>("share");
        QTest::addColumn<bool>("isShared");
        QTest::newRow("quiet, one thread of two cores") << 2 << 0.0 << 2.0 << 0.0 << true;
        QTest::newRow("others have half a core") << 2 << 0.8 << 2.4 << 0.4 << true;
        QTest::newRow("more threads than cores") << 2 << 0.8 << 3.9 << 0.4 << false;
        QTest::newRow("one core, alone") << 1 << 0.1 << 1.9 << 0.05 << false;
        QTest::newRow("one core, shared") << 1 << 1.5 << 0.5 << 0.75 << true;
        QTest::newRow("clocks that do not quite agree") << 1 << 2.1 << 0.0 << 1.0 << true;
        QTest::newRow("another thread's clock") << 1 << -5.0 << 1.0 << 0.0 << true;
    }
    void tellsShareAndCause()
    {
        QFETCH(const int, cores);
        QFETCH(const double, waited);
        QFETCH(const double, process);
        QFETCH(const bool, isShared);
        CpuWaitMeter meter(cores);
        meter.sample({.wall = 100.0, .waited = 7.0, .process = 30.0});
        QCOMPARE(meter.share(), 0.0);
        QVERIFY(!meter.is_shared());
        meter.sample({.wall = 102.0, .waited = 7.0 + waited, .process = 30.0 + process});
        QTEST(meter.share(), "share");
        QCOMPARE(meter.is_shared(), isShared);
    }

    void isOfTheLastSecondAlone()
    {
        const auto meter = std::make_unique<CpuWaitMeter>(2);
        std::vector<double> shares;
        // Half of the first second, a quarter of the second, nothing of the third; looked at eight
        // times a second.
        double waited = 0.0;
        for (int i = 0; i <= 30; ++i) {
            meter->sample({.wall = i / 8.0, .waited = waited, .process = 0.0});
            shares.push_back(meter->share());
            waited += (i < 8 ? 0.5 : i < 16 ? 0.25 : 0.0) / 8.0;
        }
        QCOMPARE(shares[7], 0.0); // not a second yet
        QCOMPARE(shares[8], 0.5);
        QCOMPARE(shares[15], 0.5);
        QCOMPARE(shares[16], 0.25);
        QCOMPARE(shares[24], 0.0);
    }

    void theSystemsClocksRise()
    {
        QVERIFY(usable_cores() >= 1);
        const auto before = cpu_times();
        QVERIFY2(before, "this kernel has no scheduler statistics");
        auto after = *cpu_times();
        while (after.process < before->process + 0.02) // computes
            after = *cpu_times();
        QVERIFY(after.wall > before->wall);
        QVERIFY(after.waited >= before->waited);
        QVERIFY(after.waited - before->waited <= after.wall - before->wall + 0.01);
    }
};
LEYDEN_TEST(TestCpuWaitMeter)
} // namespace tst_cpu_wait_meter

#include "tst_cpu_wait_meter.moc"
