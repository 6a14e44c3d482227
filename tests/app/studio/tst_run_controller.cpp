// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/event_queue.h"
#include "app/studio/bridge/run_controller.h"
#include "app/studio/bridge/thread_guard.h"
#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/session/run_history.h"
#include "engine/trainer/builtin_registry.h"
#include "tests/support/widget_test.h"

#include <QLabel>
#include <QProgressBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

namespace tst_run_controller {
using namespace leyden;
using namespace leyden::app;

namespace {

RunOrder order(const QTemporaryDir& folder, const QByteArray& data, int epochs)
{
    RunOrder made;
    made.config
        = QByteArray(
              "{'schema': 1, 'model': {'class_path': 'MLP'}, 'data': {'class_path': 'CSVData',"
              "'init_args': {'path': '")
        + data
        + "', 'target': 'species'}}, 'optimizer': {'class_path': 'SGD', 'init_args': {'lr': 0.1}},"
          "'trainer': {'max_epochs': "
        + QByteArray::number(epochs) + ", 'log_every_n_steps': 1}}";
    made.config.replace('\'', '"');
    made.outputRoot = folder.path();
    made.name = QStringLiteral("iris");
    return made;
}

const QByteArray iris = LEYDEN_SOURCE_DIR "/resources/datasets/iris.csv";

} // namespace

class TestRunController final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startsTheNextRunAfterAFailedOne()
    {
        const QTemporaryDir folder;
        const auto registry = builtin_registry();
        RunController controller(registry);
        QList<RunEnd> ends;
        connect(&controller, &RunController::ended, this, [&](const RunEnd& end) { ends += end; });

        QVERIFY(controller.start(order(folder, "no/such/file.csv", 1)));
        QVERIFY(!controller.start(order(folder, iris, 1))); // one at a time
        QTRY_COMPARE_WITH_TIMEOUT(ends.size(), 1, 30000);
        QCOMPARE(ends[0].state, QStringLiteral("failed"));
        QVERIFY(ends[0].failure.contains(QStringLiteral("no/such/file.csv")));
        QCOMPARE(controller.phase(), RunPhase::Idle);

        auto broken = order(folder, iris, 1);
        broken.config = "{ no JSON";
        QVERIFY(controller.start(broken));
        QTRY_COMPARE_WITH_TIMEOUT(ends.size(), 2, 30000);
        QCOMPARE(ends[1].state, QStringLiteral("failed"));

        QVERIFY(controller.start(order(folder, iris, 1)));
        QTRY_COMPARE_WITH_TIMEOUT(ends.size(), 3, 30000);
        QCOMPARE(ends[2].state, QStringLiteral("finished"));
        QCOMPARE(ends[2].failure, QString());
    }

    void tellsFolderRowsAndEndInOrder()
    {
        const QTemporaryDir folder;
        const auto registry = builtin_registry();
        RunController controller(registry);
        QStringList told;
        double lastStep = -1.0;
        bool isAscending = true;
        connect(&controller, &RunController::folderKnown, this,
            [&] { told += QStringLiteral("folder"); });
        connect(&controller, &RunController::drained, this, [&](const EventBatch& batch) {
            for (const auto& row : batch.rows) {
                isAscending = isAscending && row.step >= lastStep;
                lastStep = row.step;
            }
            if (!batch.rows.isEmpty())
                told += QStringLiteral("rows");
        });
        connect(&controller, &RunController::ended, this, [&] { told += QStringLiteral("end"); });
        QVERIFY(controller.start(order(folder, iris, 5)));
        QTRY_COMPARE_WITH_TIMEOUT(
            told.isEmpty() ? QString() : told.last(), QStringLiteral("end"), 30000);
        told.removeDuplicates();
        QCOMPARE(told,
            QStringList({QStringLiteral("folder"), QStringLiteral("rows"), QStringLiteral("end")}));
        QVERIFY(isAscending);
        QVERIFY(lastStep > 0.0);
    }

    void endsARunThatIsOnWhenDestroyed()
    {
        const QTemporaryDir folder;
        const auto registry = builtin_registry();
        {
            RunController controller(registry);
            QVERIFY(controller.start(order(folder, iris, 100000)));
            QTRY_COMPARE_WITH_TIMEOUT(controller.phase(), RunPhase::Running, 30000);
        }
        const auto run
            = QFile(folder.filePath(QStringLiteral("lightning_logs/version_0/run.json")));
        QVERIFY(run.exists());
    }

    void saysWhichCommandsCameTooLate()
    {
        const QTemporaryDir folder;
        const auto registry = builtin_registry();
        RunController controller(registry);
        QStringList late;
        connect(&controller, &RunController::cameTooLate, this,
            [&](const QString& text) { late += text; });
        QVERIFY(controller.start(order(folder, iris, 1)));
        // The run ends while the window hears nothing of it, as one that is busy does.
        const auto isOver = [&] {
            QFile run(folder.filePath(QStringLiteral("lightning_logs/version_0/run.json")));
            return run.open(QIODevice::ReadOnly) && run.readAll().contains("\"finished\"");
        };
        for (int i = 0; i < 3000 && !isOver(); ++i)
            QThread::msleep(10);
        QVERIFY(isOver());
        QVERIFY(controller.isActive());
        controller.checkpointNow();
        controller.setOption(QStringLiteral("lr"), 0.5);
        QTRY_COMPARE_WITH_TIMEOUT(controller.phase(), RunPhase::Idle, 30000);
        QCOMPARE(late.size(), 2);
        QVERIFY2(late[0].startsWith(QStringLiteral("the checkpoint by hand came too late")),
            qPrintable(late[0]));
        QVERIFY2(late[1].startsWith(QStringLiteral("lr = 0.5 came too late")), qPrintable(late[1]));
    }

    void turnsEveryRowIntoValues()
    {
        EventQueue queue([](bool) { });
        for (int i = 0; i < 50'000; ++i)
            queue.on_event(RowEvent{.values = {{"train_loss", 0.5}, {"lr", 1e-3}}, .step = i});
        const auto batch = toBatch(queue.takeAll());
        QCOMPARE(batch.rows.size(), 50'000);
        QCOMPARE(batch.rows.last().step, 49'999.0);
        QCOMPARE(batch.rows.last().values.first().name, QStringLiteral("train_loss"));
    }

    void keepsWhatWasSetByHandThoughProgressIsOlder()
    {
        ProgressEvent before;
        before.live = {{"lr", 0.002}, {"gradient_clip_val", 1.0}};
        InterventionEvent change;
        change.event = "set";
        change.option = "lr";
        change.value = "0.0005";
        const auto batch = toBatch({before, change});
        QCOMPARE(batch.progress->live.at(0).value, 0.0005);
        QCOMPARE(batch.progress->live.at(1).value, 1.0);
        auto after = before; // a schedule may change it again
        after.live[0].second = 0.00025;
        QCOMPARE(toBatch({before, change, after}).progress->live.at(0).value, 0.00025);
        change.option = "gradient_clip_val";
        change.value = "0.0";
        QVERIFY(qIsNaN(toBatch({before, change}).progress->live.at(1).value)); // off
    }

    void tellsWhyEarlyStoppingStopped()
    {
        const EarlyStoppingEvent check{.monitor = "val_loss",
            .best = HUGE_VAL,
            .current = qQNaN(),
            .wait = 0,
            .patience = 100000};
        MessageEvent why;
        why.text = "early stopping: Monitored metric val_loss = nan is not finite.";
        const auto batch = toBatch({check, why});
        QCOMPARE(
            batch.stopReason, QStringLiteral("Monitored metric val_loss = nan is not finite."));
        QCOMPARE(toBatch({check, why, check}).stopReason, QString()); // min_epochs let it go on

        EarlyStoppingPanel panel;
        const auto* values = panel.findChild<QLabel*>(QStringLiteral("earlyStoppingValues"));
        const auto* left = panel.findChild<QProgressBar*>(QStringLiteral("patienceLeft"));
        EarlyStoppingState state{true, *batch.earlyStopping, {}};
        panel.showState(state, true, true);
        QVERIFY(!left->isHidden());
        state.stopReason = batch.stopReason;
        panel.showState(state, true, true);
        QVERIFY2(values->text().contains(batch.stopReason), qPrintable(values->text()));
        QVERIFY(left->isHidden()); // not a full bar of patience
        state.stopReason.clear();
        panel.showState(state, true, true);
        QVERIFY(!values->text().contains(batch.stopReason));
        QVERIFY(!left->isHidden());
    }

    void readsCsvExactlyAndLeavesOutAnUnfinishedLine()
    {
        const auto rows = parseMetricsCsv(
            "epoch,step,\"a,b\",loss\r\n0,9,,1.9552286863327026\r\n0,22,nan,\r\n1,3");
        QCOMPARE(rows.size(), 2);
        QCOMPARE(rows[0].values.size(), 1);
        QCOMPARE(rows[0].values[0].value, 1.9552286863327026);
        QCOMPARE(rows[1].values[0].name, QStringLiteral("a,b"));
        QVERIFY(qIsNaN(rows[1].values[0].value));
        QCOMPARE(rows[1].epoch, 0.0); // how many steps an epoch has is not known yet
        const auto whole
            = parseMetricsCsv("epoch,loss,step\n0,1,4\n0,1,9\n1,1,14\n1,1,19\n2,1,24\n");
        QCOMPARE(whole[0].epoch, 0.5);
        QCOMPARE(whole[3].epoch, 2.0);
        QCOMPARE(whole[4].epoch, 2.5);
    }

    // What a touch sends at once is caught where it is made. One that only posts (QLabel::setText,
    // QWidget::update) is delivered on the window's thread, and is not seen.
    void catchesATouchOffTheThreadThatSendsItsEventAtOnce_data()
    {
        QTest::addColumn<int>("method");
        QTest::newRow("setEnabled") << 0;
        QTest::newRow("setToolTip") << 1;
        QTest::newRow("setWindowTitle") << 2;
        QTest::newRow("setFont") << 3;
    }
    void catchesATouchOffTheThreadThatSendsItsEventAtOnce()
    {
        QFETCH(const int, method);
        QStringList reports;
        const ThreadGuard guard([&](const QString& text) { reports += text; });
        QLabel label(QStringLiteral("shown"));
        label.setObjectName(QStringLiteral("victim"));
        label.show();
        QVERIFY(QTest::qWaitForWindowExposed(&label));
        const auto touch = [&label, method](const QString& text) {
            if (method == 0)
                label.setEnabled(text.isEmpty());
            else if (method == 1)
                label.setToolTip(text);
            else if (method == 2)
                label.setWindowTitle(text);
            else
                label.setFont(QFont(text, 20 + int(text.size())));
        };
        touch(QStringLiteral("here"));
        QCOMPARE(reports, QStringList()); // this is the window's thread
        touch({});
        std::unique_ptr<QThread> thread(QThread::create([&] { touch(QStringLiteral("off it")); }));
        thread->start();
        QVERIFY(thread->wait());
        QVERIFY(!reports.isEmpty());
        QVERIFY2(reports.first().contains(QStringLiteral("victim")), qPrintable(reports.first()));
    }
};

LEYDEN_WIDGET_TEST(TestRunController)
} // namespace tst_run_controller

#include "tst_run_controller.moc"
