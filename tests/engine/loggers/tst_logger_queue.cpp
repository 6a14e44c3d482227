// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/loggers/logger_queue.h"
#include "tests/support/test_program.h"

#include <QStringList>
#include <QTest>

#include <semaphore>

namespace tst_logger_queue {
using namespace leyden;

namespace {

/// Keeps its rows; a test may hold it up or let it fail. Its rows are read while no queue writes.
class KeepingLogger final : public Logger
{
public:
    std::string name() const override { return "kept"; }
    std::string version() const override { return "version_0"; }
    void open(FileSystem&, const std::filesystem::path&, const std::filesystem::path&) override { }
    void log_metrics(const MetricRow& row) override
    {
        if (is_held)
            hold.acquire();
        if (is_failing)
            throw FileError("the disk is full");
        steps.push_back(row.step);
    }
    void log_hyperparams(const StateTree&) override { }
    void save() override { }
    void sync() override { }
    void finalize(LoggerStatus) override { ++finalized; }
    std::filesystem::path log_dir() const override { return {}; }
    void resume_at(int64_t) override { }

    std::atomic<bool> is_held{false};
    std::atomic<bool> is_failing{false};
    std::counting_semaphore<> hold{0};
    std::vector<int64_t> steps;
    int finalized = 0;
};

MetricRow row_of(int64_t step, const std::string& name = "loss")
{
    MetricRow row;
    row.step = step;
    row.values.push_back({name, 0.5, false});
    return row;
}

/// What the writer reports.
struct Reports
{
    std::mutex mutex;
    QStringList texts;
    LoggerQueue::Report taker()
    {
        return [this](std::string text) {
            const std::lock_guard lock(mutex);
            texts << QString::fromStdString(text);
        };
    }
};

} // namespace

class TestLoggerQueue final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesEveryRowInOrder()
    {
        KeepingLogger logger;
        Reports reports;
        {
            LoggerQueue queue(logger, reports.taker());
            for (int64_t i = 0; i < 20000; ++i) {
                QVERIFY(queue.log_metrics(row_of(i)));
                if (i % 4096 == 0)
                    queue.flush();
            }
            queue.finalize(LoggerStatus::Success);
            QCOMPARE(logger.finalized, 1);
        }
        QCOMPARE(logger.steps.size(), size_t(20000));
        QVERIFY(std::is_sorted(logger.steps.begin(), logger.steps.end()));
        QVERIFY(reports.texts.isEmpty());
    }

    void writesWhatWaitsWhenItEnds()
    {
        KeepingLogger logger;
        Reports reports;
        {
            LoggerQueue queue(logger, reports.taker());
            for (int64_t i = 0; i < 100; ++i)
                queue.log_metrics(row_of(i));
        }
        QCOMPARE(logger.steps.size(), size_t(100));
    }

    void tellsWhenWritingFailsAndWhenItWorksAgain()
    {
        KeepingLogger logger;
        Reports reports;
        LoggerQueue queue(logger, reports.taker());
        logger.is_failing = true;
        for (int64_t i = 0; i < 10; ++i) {
            queue.log_metrics(row_of(i));
            queue.flush();
        }
        QVERIFY(queue.is_failing());
        logger.is_failing = false;
        queue.log_metrics(row_of(10));
        queue.flush();
        QVERIFY(!queue.is_failing());
        QCOMPARE(reports.texts, QStringList({QStringLiteral("the disk is full"), QString()}));
    }

    void dropsRowsWhenADiskIsTooSlowAndSaysSo()
    {
        KeepingLogger logger;
        Reports reports;
        LoggerQueue queue(logger, reports.taker());
        logger.is_held = true;
        const std::string long_name(size_t(1) << 20, 'x'); // 64 such rows are 64 MiB
        int64_t taken = 0;
        for (int64_t i = 0; i < 100; ++i)
            taken += queue.log_metrics(row_of(i, long_name));
        QVERIFY(taken >= 60 && taken <= 64);
        QCOMPARE(queue.dropped(), 100 - taken);
        logger.is_held = false;
        logger.hold.release(1);
        queue.flush();
        QCOMPARE(int64_t(logger.steps.size()), taken);
        QVERIFY(queue.log_metrics(row_of(100))); // there is room again
        QCOMPARE(reports.texts.size(), 1);
        QVERIFY(reports.texts.first().contains(QLatin1String("too slow")));
    }
};

LEYDEN_TEST(TestLoggerQueue)
} // namespace tst_logger_queue

#include "tst_logger_queue.moc"
