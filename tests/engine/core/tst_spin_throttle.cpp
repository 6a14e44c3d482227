// SPDX-License-Identifier: GPL-3.0-or-later
// When OpenMP's waiting threads may spin, and that nothing is left of what keeps them from it.
#include "engine/core/cpu_wait_meter.h"
#include "engine/core/spin_throttle.h"
#include "tests/support/test_program.h"

#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sum.h>

#include <QDir>
#include <QtTest>

#include <atomic>

namespace tst_spin_throttle {
using namespace leyden;

class TestSpinThrottle final : public QObject
{
    Q_OBJECT

private:
    static int threads()
    {
        return int(QDir(QStringLiteral("/proc/self/task"))
                .entryList(QDir::NoDotAndDotDot | QDir::Dirs)
                .size());
    }
    /// Moments of 20 ms until the policy spins or not, and -1 where it never does.
    static int momentsUntil(SpinPolicy& policy, bool spins, double waited, int most = 1000)
    {
        for (int moment = 1; moment <= most; ++moment)
            if (policy.after(0.02, waited) == spins)
                return moment;
        return -1;
    }

private Q_SLOTS:
    void init()
    {
        qunsetenv("GOMP_SPINCOUNT");
        qunsetenv("OMP_WAIT_POLICY");
    }

    void spinsUntilAThreadWaits()
    {
        SpinPolicy policy;
        QVERIFY(policy.spins());
        QCOMPARE(momentsUntil(policy, false, 0.29), -1); // a program that wakes up now and then
        QVERIFY(policy.spins());
        QVERIFY(!policy.after(0.02, 0.3));
        QVERIFY(!policy.spins());
        QCOMPARE(momentsUntil(policy, true, 0.1), -1); // still somebody there
        QCOMPARE(momentsUntil(policy, true, 0.05), 4); // 0.08 s of quiet
    }

    void aWaitBeginsTheQuietAnew()
    {
        SpinPolicy policy;
        policy.after(0.02, 1.0);
        momentsUntil(policy, true, 0.5, 50);
        policy.after(0.02, 0.0);
        policy.after(0.02, 0.0);
        policy.after(0.02, 0.5);
        QCOMPARE(momentsUntil(policy, true, 0.0), 4);
    }

    void triesLaterEachTimeUpToFiveSeconds()
    {
        SpinPolicy policy;
        QList<int> moments;
        for (int trial = 0; trial < 7; ++trial) {
            policy.after(0.02, 1.0);
            moments += momentsUntil(policy, true, 0.0);
        }
        // 0.2 s, 0.4, 0.8, 1.6, 3.2, 5, 5
        for (int i = 0; i < moments.size(); ++i)
            QVERIFY2(std::abs(moments[i] - QList<int>{10, 20, 40, 80, 160, 250, 250}[i]) <= 1,
                qPrintable(QString::number(moments[i])));
        momentsUntil(policy, false, 0.0, 260); // quiet for more than five seconds
        policy.after(0.02, 1.0);
        QVERIFY(std::abs(momentsUntil(policy, true, 0.0) - 10) <= 1);
    }

    void keepsIdleThreadsWhileThreadsWait()
    {
        std::atomic<double> waited = 0.0;
        const auto sum = at::ones({100000}).sum().item<double>();
        const auto before = threads();
        {
            const SpinThrottle throttle([&] { return waited.load(); }, SpinThrottle::Period(1));
            QVERIFY(throttle.is_watching());
            QVERIFY(!throttle.is_throttling());
            QCOMPARE(threads(), before + 1);
            for (int round = 0; round < 2; ++round) {
                waited = 1.0;
                QTRY_VERIFY(throttle.is_throttling());
                // The one that watches, and as many as there are cores and one more.
                QTRY_COMPARE(threads(), before + 2 + usable_cores());
                QCOMPARE(at::get_num_threads(), 1); // of the operations of this thread
                QCOMPARE(at::ones({100000}).sum().item<double>(), sum);
                waited = 0.0;
                QTRY_VERIFY(!throttle.is_throttling());
                QTRY_COMPARE(threads(), before + 1);
            }
            waited = 1.0;
            QTRY_VERIFY(throttle.is_throttling());
        }
        QCOMPARE(threads(), before);
    }

    void watchesOnlyWhereThreadsSpin()
    {
        QVERIFY(!SpinThrottle(1).is_watching());
        QVERIFY(SpinThrottle(2).is_watching());
    }

    void theUsersWordStands_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("a spin count") << QByteArray("GOMP_SPINCOUNT") << QByteArray("1000");
        QTest::newRow("active") << QByteArray("OMP_WAIT_POLICY") << QByteArray("active");
        QTest::newRow("passive") << QByteArray("OMP_WAIT_POLICY") << QByteArray("PASSIVE");
    }
    void theUsersWordStands()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        qputenv(name.constData(), value);
        QVERIFY(!SpinThrottle(2).is_watching());
    }
};
LEYDEN_TEST(TestSpinThrottle)
} // namespace tst_spin_throttle

#include "tst_spin_throttle.moc"
