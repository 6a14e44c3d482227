// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/event_queue.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <atomic>
#include <thread>

namespace tst_event_queue {
using namespace leyden;
using namespace leyden::app;

class TestEventQueue final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasOneNoticeInFlight()
    {
        int notices = 0;
        EventQueue queue([&](bool) { ++notices; });
        for (int i = 0; i < 5; ++i)
            queue.on_event(RowEvent{.step = i});
        QCOMPARE(notices, 1);
        QCOMPARE(queue.takeAll().size(), size_t(5));
        QCOMPARE(queue.takeAll().size(), size_t(0));
        queue.on_event(RowEvent{});
        QCOMPARE(notices, 2);
    }

    void keepsOnlyTheNewestOfProgressInARow()
    {
        EventQueue queue([](bool) { });
        queue.on_event(ProgressEvent{.batch = 1});
        queue.on_event(ProgressEvent{.batch = 2});
        queue.on_event(RowEvent{});
        queue.on_event(ProgressEvent{.batch = 3});
        const auto events = queue.takeAll();
        QCOMPARE(events.size(), size_t(3));
        QCOMPARE(std::get<ProgressEvent>(events.front()).batch, int64_t(2));
        QCOMPARE(std::get<ProgressEvent>(events.back()).batch, int64_t(3));
    }

    void tellsAtOnceWhatAPersonWaitsFor()
    {
        std::vector<bool> notices;
        EventQueue queue([&](bool isUrgent) { notices.push_back(isUrgent); });
        queue.on_event(RowEvent{});
        InterventionEvent resumed;
        resumed.event = "resume";
        queue.on_event(resumed); // a notice is in flight, but it may be slow
        queue.on_event(resumed);
        queue.on_event(RowEvent{});
        QCOMPARE(notices, std::vector<bool>({false, true}));
        QCOMPARE(queue.takeAll().size(), size_t(4));
        queue.on_event(resumed);
        queue.on_event(RowEvent{});
        QCOMPARE(notices, std::vector<bool>({false, true, true}));
    }

    void losesNothingBetweenTwoThreads()
    {
        constexpr int64_t count = 50'000;
        std::atomic<int> notices{0};
        EventQueue queue([&](bool) { ++notices; });
        std::thread run([&] {
            for (int64_t i = 0; i < count; ++i)
                queue.on_event(RowEvent{.values = {{"loss", 0.5}}, .step = i});
        });
        int64_t next = 0;
        bool isInOrder = true;
        while (next < count) {
            for (const auto& event : queue.takeAll())
                isInOrder = isInOrder && std::get<RowEvent>(event).step == next++;
        }
        run.join();
        QVERIFY(isInOrder);
        QCOMPARE(next, count);
        QVERIFY(notices >= 1);
    }
};

LEYDEN_TEST(TestEventQueue)
} // namespace tst_event_queue

#include "tst_event_queue.moc"
