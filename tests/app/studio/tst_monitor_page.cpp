// SPDX-License-Identifier: GPL-3.0-or-later
// The axis of a run that goes on from a checkpoint: what the run set aside is not on it.
#include "app/studio/window/monitor_page.h"
#include "tests/support/widget_test.h"
#include "widgets/plots/monitor_view.h"

#include <QAction>
#include <QSlider>
#include <QTest>

namespace tst_monitor_page {
using namespace leyden;
using namespace leyden::app;

namespace {

constexpr double resumedAt = 46.0;

ui::CheckpointEntry checkpointAt(double step)
{
    ui::CheckpointEntry entry;
    entry.path = QStringLiteral("/run/checkpoints/step=%1.ckpt").arg(step);
    entry.name = QStringLiteral("step=%1.ckpt").arg(step);
    entry.step = step;
    return entry;
}

/// A run of 92 steps with something of each kind before and after the step that it goes on from.
RunHistory history()
{
    RunHistory made;
    made.folder = QStringLiteral("/run");
    for (int step = 0; step < 92; ++step)
        made.rows.append({double(step), 0.0, 0.0, 0.0, {{QStringLiteral("loss"), 1.0}}});
    for (const double step : {20.0, resumedAt, 80.0}) {
        made.markers.append({ui::MarkerKind::Intervention, step, QStringLiteral("lr = 0.1")});
        made.markers.append({ui::MarkerKind::Pause, step, {}});
        made.checkpoints.append(checkpointAt(step));
    }
    made.markers += checkpointMarkers(made.checkpoints);
    return made;
}

EventBatch resumed()
{
    EventBatch batch;
    batch.interventions.append(
        {QStringLiteral("resume"), QStringLiteral("step=46.ckpt"), {}, resumedAt, 0.0});
    return batch;
}

EventBatch rowAt(double step)
{
    EventBatch batch;
    batch.rows.append({step, 0.0, 0.0, 0.0, {{QStringLiteral("loss"), 0.5}}});
    batch.progress = RunProgress{};
    batch.progress->isTraining = true;
    return batch;
}

QList<double> stepsOf(const MonitorPage& page, ui::MarkerKind kind)
{
    QList<double> steps;
    for (const auto& marker : page.live()->markers())
        if (marker.kind == kind)
            steps += marker.step;
    return steps;
}

} // namespace

class TestMonitorPage final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cutsMarkersWhereTheRunGoesOn()
    {
        MonitorPage page;
        page.beginLive(QStringLiteral("run"), history());
        page.take(resumed());
        const QList<double> before{20.0, resumedAt};
        QCOMPARE(stepsOf(page, ui::MarkerKind::Intervention), before);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Pause), before);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Checkpoint), before);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Resume), QList<double>{resumedAt});
        page.take(rowAt(46.0));
        QCOMPARE(page.live()->store().rowCount(), 47);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Intervention), before);
    }

    void showsACheckpointAgainOnceItIsWrittenAnew()
    {
        MonitorPage page;
        const auto old = history();
        page.beginLive(QStringLiteral("run"), old);
        page.take(resumed());
        auto entries = old.checkpoints;
        entries.append(checkpointAt(60.0));
        page.showCheckpoints(entries); // another one is written; the old files still lie there
        QCOMPARE(stepsOf(page, ui::MarkerKind::Checkpoint), QList<double>({20.0, resumedAt, 60.0}));
        EventBatch anew;
        CheckpointNews written;
        written.path = checkpointAt(80.0).path;
        written.step = 80.0;
        anew.checkpoints.append(written);
        page.take(anew);
        page.showCheckpoints(entries);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Checkpoint),
            QList<double>({20.0, resumedAt, 60.0, 80.0}));
    }

    void keepsNothingOfARunThatStartsOver()
    {
        MonitorPage page;
        auto old = history();
        old.checkpoints.clear();
        page.beginLive(QStringLiteral("run"), old);
        page.take(rowAt(9.0));
        QCOMPARE(page.live()->store().rowCount(), 1);
        QVERIFY(page.live()->markers().isEmpty());
    }

    void smoothingIsOneSettingForAllRuns()
    {
        MonitorPage page;
        page.live()->findChild<QSlider*>(QStringLiteral("smoothing"))->setValue(33);
        const double weight = page.live()->settings().smoothing;
        QVERIFY(weight > 0.8);
        page.showPast(history(), QStringLiteral("run/version_0"));
        QCOMPARE(page.past()->settings().smoothing, weight);
        page.past()->findChild<QAction*>(QStringLiteral("trimY"))->trigger();
        page.past()->findChild<QSlider*>(QStringLiteral("smoothing"))->setValue(10);
        QVERIFY(page.live()->settings().trimsY);
        QCOMPARE(page.live()->settings().smoothing, page.past()->settings().smoothing);
        page.beginLive(QStringLiteral("next"), {});
        QVERIFY(page.live()->settings().smoothing > 0.0);

        MonitorPage nextTime;
        nextTime.restoreState(page.saveState());
        QCOMPARE(nextTime.past()->settings(), page.past()->settings());
        nextTime.restoreState("nonsense"); // changes nothing
        QCOMPARE(nextTime.live()->settings(), page.live()->settings());
    }

    void keepsAllOfARunThatDidNotGoOn()
    {
        MonitorPage page;
        page.beginLive(QStringLiteral("run"), history());
        page.endLive(); // its checkpoint could not be read
        QCOMPARE(page.live()->store().rowCount(), 92);
        QCOMPARE(stepsOf(page, ui::MarkerKind::Intervention).size(), 3);
    }
};

LEYDEN_WIDGET_TEST(TestMonitorPage)
} // namespace tst_monitor_page

#include "tst_monitor_page.moc"
