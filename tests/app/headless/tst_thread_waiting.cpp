// SPDX-License-Identifier: GPL-3.0-or-later
// Beside busy programs a run waits otherwise than alone (engine/core/spin_throttle.h): to the same
// numbers.
#include "tests/app/headless/leyden_program.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <memory>
#include <vector>

namespace tst_thread_waiting {
using leyden::test::LeydenProgram;

class TestThreadWaiting final : public QObject
{
    Q_OBJECT

private:
    /// Loops that take what time they get.
    struct BusyPrograms
    {
        explicit BusyPrograms(int count)
        {
            for (int i = 0; i < count; ++i) {
                loops.push_back(std::make_unique<QProcess>());
                loops.back()->start(QStringLiteral("sh"),
                    {QStringLiteral("-c"), QStringLiteral("while :; do :; done")});
                loops.back()->waitForStarted();
            }
        }
        ~BusyPrograms()
        {
            for (const auto& loop : loops) {
                loop->kill();
                loop->waitForFinished();
            }
        }
        std::vector<std::unique_ptr<QProcess>> loops;
    };

    /// metrics.csv of a run with two threads.
    static QByteArray fit(const QString& setting)
    {
        QTemporaryDir folder;
        const LeydenProgram leyden{folder.path()};
        const auto result = leyden.shell(
            QStringLiteral("unset GOMP_SPINCOUNT OMP_WAIT_POLICY; %1 \"$LEYDEN\" fit --preset "
                           "digits-mlp --num_threads 2 --trainer.max_epochs=4 --run_dir run "
                           "--quiet")
                .arg(setting));
        return result.exitCode == 0 ? leyden.read(QStringLiteral("run/metrics.csv"))
                                    : result.errors;
    }

private Q_SLOTS:
    void changesNoNumber()
    {
        const auto spinning = fit(QStringLiteral("GOMP_SPINCOUNT=3000"));
        QVERIFY2(spinning.contains("train_loss"), spinning.constData());
        QCOMPARE(fit(QStringLiteral("OMP_WAIT_POLICY=passive")), spinning);
        QCOMPARE(fit({}), spinning);
        const BusyPrograms others(2 * QThread::idealThreadCount());
        QCOMPARE(fit({}), spinning);
    }
};
LEYDEN_TEST(TestThreadWaiting)
} // namespace tst_thread_waiting

#include "tst_thread_waiting.moc"
