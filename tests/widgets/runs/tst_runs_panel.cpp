// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/widget_test.h"
#include "widgets/runs/runs_panel.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

namespace tst_runs_panel {
using namespace leyden::ui;

namespace {
RunSummary run(int number, RunState state = RunState::Finished)
{
    RunSummary summary;
    summary.name = QStringLiteral("mnist/version_%1").arg(number);
    summary.folder = QStringLiteral("/runs/") + summary.name;
    summary.state = state;
    summary.bestName = QStringLiteral("val_loss");
    summary.bestValue = 1.0 / (number + 1);
    summary.lastStep = number * 100;
    summary.started = QDateTime(QDate(2026, 11, 24), QTime(12, 0)).addSecs(number);
    summary.ended = summary.started.addSecs(75);
    return summary;
}

QAction* actionOf(const QMenu& menu, const char* name)
{
    for (auto* action : menu.actions())
        if (action->objectName() == QLatin1String(name))
            return action;
    return nullptr;
}
} // namespace

class TestRunsPanel final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsOnlyWhatIsNew()
    {
        RunsModel model;
        QAbstractItemModelTester tester(&model);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QList<RunSummary> runs;
        for (int i = 0; i < 1000; ++i)
            runs += run(i);
        model.setRuns(runs);
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(model.rowCount(), 1000);
        model.setRuns(runs);
        QCOMPARE(changed.size(), 0);
        runs[7].lastStep = 1;
        runs.remove(500, 10);
        runs.prepend(run(5000));
        model.setRuns(runs);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(removed.size(), 1);
        QCOMPARE(inserted.size(), 2);
        QCOMPARE(model.rowCount(), 991);
        QCOMPARE(model.run(model.rowOf(run(7).folder)).lastStep, 1.0);
        QCOMPARE(model.rowOf(run(505).folder), -1);
        model.setRuns({});
        QCOMPARE(model.rowCount(), 0);
    }

    void namesKeepTheirRoomInANarrowDock()
    {
        RunsPanel panel;
        panel.setRuns({run(1), run(2)});
        const auto* header = panel.view()->header();
        const auto nameWidth = panel.fontMetrics().horizontalAdvance(QStringLiteral("mlp/version"));
        panel.resize(420, 300);
        panel.show();
        const int wide = header->sectionSize(RunsModel::State);
        panel.resize(panel.fontMetrics().horizontalAdvance(QLatin1Char('0')) * 34, 300);
        QTRY_VERIFY(header->sectionSize(RunsModel::State) < wide / 2); // its sign alone
        QVERIFY(header->sectionSize(RunsModel::Name) > nameWidth);
        panel.resize(420, 300);
        QTRY_COMPARE(header->sectionSize(RunsModel::State), wide);
        const auto columns = header->actions(); // that of the name is not among them
        columns[RunsModel::Step - 1]->setChecked(true);
        columns[RunsModel::Started - 1]->setChecked(true);
        QVERIFY(header->sectionSize(RunsModel::State) < wide / 2);
        columns[RunsModel::Step - 1]->setChecked(false);
        columns[RunsModel::Started - 1]->setChecked(false);
        QCOMPARE(header->sectionSize(RunsModel::State), wide);
    }

    void anUnreadableRunHasNoNumbers()
    {
        RunsModel model;
        auto broken = run(3);
        broken.state = RunState::Unreadable;
        model.setRuns({broken, run(4)});
        QCOMPARE(model.index(0, RunsModel::Step).data().toString(), QString());
        QCOMPARE(model.index(0, RunsModel::Epoch).data().toString(), QString());
        QCOMPARE(model.index(1, RunsModel::Step).data().toString(), QStringLiteral("400"));
    }

    void filtersAndSorts()
    {
        RunsPanel panel;
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("runsView"));
        const auto* empty = panel.findChild<QLabel*>(QStringLiteral("runsEmpty"));
        QVERIFY(!empty->isHidden());
        QVERIFY(empty->text().startsWith(QStringLiteral("No runs yet")));
        panel.setFolderGone(true);
        QVERIFY(empty->text().startsWith(QStringLiteral("The runs folder is gone")));
        panel.setFolderGone(false);
        QVERIFY(empty->text().startsWith(QStringLiteral("No runs yet")));
        panel.setRuns({run(1), run(12), run(2, RunState::Failed)});
        QVERIFY(panel.findChild<QLabel*>(QStringLiteral("runsEmpty"))->isHidden());
        QCOMPARE(view->model()->index(0, 0).data().toString(), run(12).name); // the newest
        view->sortByColumn(RunsModel::Best, Qt::AscendingOrder);
        QCOMPARE(view->model()->index(0, 0).data().toString(), run(12).name);
        QCOMPARE(view->model()->index(2, 0).data().toString(), run(1).name);
        QTest::keyClicks(
            panel.findChild<QLineEdit*>(QStringLiteral("runsFilter")), QStringLiteral("FAIL"));
        QCOMPARE(view->model()->rowCount(), 1);
        QCOMPARE(view->model()->index(0, 0).data().toString(), run(2).name);
    }

    void aBestHasItsNameAndRanksAmongItsLikesAlone()
    {
        RunsPanel panel;
        auto accuracy = run(1);
        accuracy.bestName = QStringLiteral("val_acc");
        accuracy.bestValue = 0.9;
        auto worse = accuracy;
        worse.folder += QStringLiteral("b");
        worse.bestValue = 0.8;
        panel.setRuns({run(0), accuracy, run(3), worse}); // losses of 1 and 0.25
        auto* view = panel.findChild<QTreeView*>(QStringLiteral("runsView"));
        view->sortByColumn(RunsModel::Best, Qt::AscendingOrder);
        QStringList shown;
        for (int row = 0; row < 4; ++row)
            shown += view->model()->index(row, RunsModel::Best).data().toString();
        QCOMPARE(shown,
            QStringList({QStringLiteral("0.8 val_acc"), QStringLiteral("0.9 val_acc"),
                QStringLiteral("0.25 val_loss"), QStringLiteral("1 val_loss")}));
    }

    void takesTheNumbersOfOneRunAtOnce()
    {
        RunsModel model;
        QAbstractItemModelTester tester(&model);
        model.setRuns({run(1), run(2, RunState::Running)});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        auto live = run(2, RunState::Running);
        live.lastStep = 12345;
        model.updateRun(live);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(model.index(1, RunsModel::Step).data().toString(), QStringLiteral("12,345"));
        model.updateRun(run(7)); // is not there
        QCOMPARE(model.rowCount(), 2);
    }

    void anUnreadableRunCanOnlyBeLookedAtOrDeleted()
    {
        RunsPanel panel;
        auto broken = run(1, RunState::Unreadable);
        broken.problem = QStringLiteral("its run.json is missing");
        panel.setRuns({broken});
        panel.selectRun(broken.folder);
        QMenu menu;
        panel.fillMenu(menu);
        QVERIFY(!actionOf(menu, "resumeRun")->isEnabled());
        QVERIFY(actionOf(menu, "deleteRun")->isEnabled());
        QVERIFY(panel.model()
                ->index(0, RunsModel::Name)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(broken.problem));
    }

    void showsTheStateInWordAndShape()
    {
        RunsModel model;
        for (int state = 0; state <= int(RunState::Unknown); ++state) {
            model.setRuns({run(state, RunState(state))});
            const auto index = model.index(0, RunsModel::State);
            QVERIFY(!index.data().toString().isEmpty());
            QVERIFY(!index.data(Qt::DecorationRole).value<QIcon>().isNull());
        }
        const auto index = model.index(0, RunsModel::Duration);
        QCOMPARE(index.data().toString(), QStringLiteral("1:15"));
    }

    void asksByItsMenu()
    {
        RunsPanel panel;
        panel.setRuns({run(1, RunState::Running), run(2, RunState::Stopped)});
        {
            QMenu menu;
            panel.fillMenu(menu);
            QVERIFY(menu.isEmpty()); // nothing is chosen
        }
        QSignalSpy resumed(&panel, &RunsPanel::resumeRequested);
        QSignalSpy deleted(&panel, &RunsPanel::deleteRequested);
        panel.selectRun(run(2).folder);
        QMenu menu;
        panel.fillMenu(menu);
        QVERIFY(actionOf(menu, "resumeRun")->isEnabled());
        actionOf(menu, "resumeRun")->trigger();
        actionOf(menu, "deleteRun")->trigger();
        QCOMPARE(resumed.value(0).value(0).toString(), run(2).folder);
        QCOMPARE(deleted.value(0).value(0).toStringList(), QStringList{run(2).folder});
        panel.selectRun(run(1).folder);
        QMenu running;
        panel.fillMenu(running);
        QVERIFY(!actionOf(running, "resumeRun")->isEnabled());
        QVERIFY(!actionOf(running, "deleteRun")->isEnabled());
    }
};
LEYDEN_WIDGET_TEST(TestRunsPanel)
} // namespace tst_runs_panel

#include "tst_runs_panel.moc"
