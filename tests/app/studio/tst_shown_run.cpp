// SPDX-License-Identifier: GPL-3.0-or-later
// One run is shown: centre, inspector, log, run bar, command and title tell of the same one, and
// what they tell is so.
#include "programs.h"
#include "run_steps.h"

#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/inspector/steering_panel.h"
#include "app/studio/window/run_bar.h"
#include "app/studio/window/studio_actions.h"
#include "tests/support/widget_test.h"
#include "widgets/common/elided_label.h"
#include "widgets/log/log_panel.h"
#include "widgets/plots/monitor_view.h"
#include "widgets/runs/run_folder_scanner.h"
#include "widgets/runs/run_state_icon.h"
#include "widgets/runs/runs_model.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDir>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QSysInfo>
#include <QToolButton>

namespace tst_shown_run {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::finishedRun;
using leyden::app::test::isLogged;
using leyden::app::test::openLong;
using leyden::app::test::pick;
using leyden::app::test::stopNow;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

/// It lasts as long as a test may want it to.
void startLong(const StudioWindow& studio)
{
    openLong(studio);
    auto& document = studio.window->session().document();
    document.setValue(QStringLiteral("/trainer/max_epochs"), 1000);
    document.setValue(QStringLiteral("/trainer/callbacks"), Json::array());
    studio.start();
    QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(studio.controller().progress().isTraining, 30000);
}

void pause(const StudioWindow& studio)
{
    studio.trigger("pauseRun");
    QTRY_COMPARE(studio.controller().phase(), RunPhase::Paused);
}

QString textOf(const StudioWindow& studio, const char* label)
{
    return studio.find<QLabel>(label)->text();
}

QString command(const StudioWindow& studio)
{
    return studio.find<QPlainTextEdit>("commandText")->toPlainText().remove(QStringLiteral("\\\n"));
}

void write(const QString& path, const QByteArray& text, bool isAppended = false)
{
    QFile file(path);
    QVERIFY(file.open(isAppended ? QIODevice::Append : QIODevice::WriteOnly));
    file.write(text);
}

/// A run folder as another process writes it.
QString foreignRun(const StudioWindow& studio)
{
    const auto folder = studio.path(QStringLiteral("runs/runs/other/version_0"));
    QDir().mkpath(folder);
    write(folder + QStringLiteral("/config.json"),
        QByteArray("{'trainer': {'max_epochs': 4, 'callbacks': [{'class_path': 'ModelCheckpoint', "
                   "'init_args': {'monitor': 'val_loss', 'mode': 'min'}}]}}")
            .replace('\'', '"'));
    write(folder + QStringLiteral("/metrics.csv"), "epoch,step,val_loss\n0,9,0.5\n1,19,0.25\n");
    write(folder + QStringLiteral("/log.txt"), "2026-11-24T12:00:00.000Z info    it began\n");
    return folder;
}

void tellState(const QString& folder, const QByteArray& state, int step, int epoch)
{
    write(folder + QStringLiteral("/run.tmp"),
        "{\"state\":\"" + state + "\",\"started\":\"2026-11-24T12:00:00.000Z\",\"ended\":"
            + (state == "running" ? "null" : "\"2026-11-24T12:01:15.000Z\"") + ",\"host\":\""
            + QSysInfo::machineHostName().toUtf8() + "\",\"pid\":"
            + QByteArray::number(QCoreApplication::applicationPid()) + ",\"global_step\":"
            + QByteArray::number(step) + ",\"epoch\":" + QByteArray::number(epoch) + "}");
    QFile::remove(folder + QStringLiteral("/run.json"));
    QVERIFY(
        QFile::rename(folder + QStringLiteral("/run.tmp"), folder + QStringLiteral("/run.json")));
}

} // namespace

class TestShownRun final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everythingTellsOfTheRunThatIsShown()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        QVERIFY(!folder.isEmpty());
        const auto iris = QStringLiteral("iris-linear/version_0");
        const auto digits = QStringLiteral("digits-mlp/version_0");
        startLong(studio);
        QTRY_VERIFY(studio.window->windowTitle().startsWith(digits));
        pick(studio, "runsView", iris);
        QTRY_VERIFY(studio.find<ui::MonitorView>("pastMonitorView")->isVisible());
        QCOMPARE(studio.find<ui::ElidedLabel>("monitorTitle")->text(), iris);
        QVERIFY(studio.window->windowTitle().startsWith(iris));
        QVERIFY(studio.find<QDockWidget>("inspectorDock")->windowTitle().endsWith(iris));
        QVERIFY(studio.find<QDockWidget>("logDock")->windowTitle().endsWith(iris));
        QVERIFY(isLogged(studio, QStringLiteral("fit ended")));
        QVERIFY(!isLogged(studio, digits));
        QVERIFY(command(studio).contains(folder + QStringLiteral("/config.json")));
        QVERIFY(!textOf(studio, "runEta").contains(QStringLiteral("left")));
        QVERIFY(textOf(studio, "runEpoch").contains(QStringLiteral("50"))); // of its config
        QCOMPARE(studio.find<QProgressBar>("runProgress")->value(), 1000);
        QVERIFY(
            textOf(studio, "runSpeed").startsWith(QStringLiteral("iris"))); // no speed of the other
        QVERIFY(textOf(studio, "earlyStoppingValues").contains(QStringLiteral("val_loss")));
        // The live run has a strip of its own, and the status bar.
        auto* strip = studio.find<ui::ElidedLabel>("liveStrip");
        QVERIFY(strip->isVisible());
        QTRY_VERIFY(strip->text().startsWith(digits));
        QVERIFY(studio.find<ui::ElidedLabel>("statusState")->text().contains(digits));
        studio.find<QPushButton>("backToLive")->click();
        QVERIFY(studio.window->windowTitle().startsWith(digits));
        QVERIFY(studio.find<QDockWidget>("logDock")->windowTitle().endsWith(digits));
        QVERIFY(isLogged(studio, QStringLiteral("Starting digits-mlp")));
        QVERIFY(!strip->isVisible());
        QTRY_VERIFY(textOf(studio, "runEta").contains(QStringLiteral("left")));
        QVERIFY(studio.find<QAction>("copyCommand")->isEnabled());
        stopNow(studio);
    }

    void aRunOfThePastHasItsLogAtAFreshStart()
    {
        StudioWindow studio;
        QVERIFY(!finishedRun(studio).isEmpty());
        studio.open();
        pick(studio, "runsView", QStringLiteral("iris"));
        QTRY_VERIFY(isLogged(studio, QStringLiteral("fit ended")));
        QTRY_VERIFY(studio.find<ui::ElidedLabel>("statusState")
                ->text()
                .endsWith(QStringLiteral("iris-linear/version_0")));
        // Beside the form the command is that of the config on the desk.
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        QVERIFY(command(studio).contains(QStringLiteral("--preset digits-mlp")));
    }

    void aSteeredRunKeepsWhatWasSet()
    {
        StudioWindow studio;
        startLong(studio);
        auto* panel = studio.find<SteeringPanel>("steeringPanel");
        const auto rate = [&panel] { return panel->valueInEffect(QStringLiteral("lr")); };
        QTRY_COMPARE(rate(), 0.002);
        QVERIFY(!studio.find<QLabel>("begun:lr")->isVisible());
        type(studio.find<QWidget>("steer:lr"), QStringLiteral("0.0005"));
        type(studio.find<QWidget>("steer:max_epochs"), QStringLiteral("77"));
        QTRY_COMPARE(rate(), 0.0005);
        stopNow(studio);
        QCOMPARE(rate(), 0.0005);
        QVERIFY(studio.find<QLabel>("begun:lr")->text().contains(QStringLiteral("0.002")));
        QVERIFY(studio.find<ui::ElidedLabel>("now:lr")->font().bold());
        QVERIFY(!studio.find<ui::ElidedLabel>("now:log_every_n_steps")->font().bold());
        QVERIFY(textOf(studio, "runEpoch").contains(QStringLiteral("/ 77")));
        studio.open(); // and so it is a run of the past
        pick(studio, "runsView", QStringLiteral("digits"));
        panel = studio.find<SteeringPanel>("steeringPanel");
        QTRY_COMPARE(rate(), 0.0005);
        QCOMPARE(panel->valueInEffect(QStringLiteral("max_epochs")), 77.0);
        QVERIFY(studio.find<QLabel>("begun:lr")->text().contains(QStringLiteral("0.002")));
        QVERIFY(textOf(studio, "runEpoch").contains(QStringLiteral("/ 77")));
        QVERIFY(command(studio).contains(QStringLiteral("--replay_events")));
    }

    void aRunOfAnotherProcessIsFollowed()
    {
        StudioWindow studio;
        const auto folder = foreignRun(studio);
        tellState(folder, "running", 20, 2);
        pick(studio, "runsView", QStringLiteral("other"));
        auto* past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_COMPARE(past->store().rowCount(), 2);
        QTRY_COMPARE(textOf(studio, "runEpoch"), QStringLiteral("epoch 3 / 4"));
        write(folder + QStringLiteral("/metrics.csv"), "2,29,0.125\n3,39,0.5\n", true);
        write(folder + QStringLiteral("/log.txt"), "2026-11-24T12:01:00.000Z warning it went on\n",
            true);
        QTRY_COMPARE_WITH_TIMEOUT(past->store().rowCount(), 4, 10000);
        QTRY_VERIFY(isLogged(studio, QStringLiteral("it went on")));
        QVERIFY(isLogged(studio, QStringLiteral("it began")));
        QVERIFY(textOf(studio, "steeringHint").contains(QStringLiteral("by another program")));
        QVERIFY(!studio.find<QLineEdit>("steer:lr")->isEnabled());
        tellState(folder, "finished", 40, 4);
        QTRY_COMPARE_WITH_TIMEOUT(
            textOf(studio, "runEta"), QStringLiteral("finished · 1:15"), 10000);
        auto* runs = studio.find<QAbstractItemView>("runsView")->model();
        QTRY_COMPARE(runs->index(0, ui::RunsModel::Best).data().toString(),
            QStringLiteral("0.125 val_loss"));
    }

    void theTimesOfAFormerRunAreThere()
    {
        StudioWindow studio;
        const auto folder = foreignRun(studio);
        tellState(folder, "finished", 20, 2);
        studio.open();
        pick(studio, "runsView", QStringLiteral("other"));
        auto* past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_COMPARE(past->store().rowCount(), 2);
        const auto isOffered = [&past] {
            auto* axis = past->findChild<QComboBox*>(QStringLiteral("xAxis"));
            return qobject_cast<QStandardItemModel*>(axis->model())
                ->item(axis->findData(int(ui::XAxis::WallTime)))
                ->isEnabled();
        };
        QVERIFY(!isOffered());
        const auto csv = studio.path(QStringLiteral("all.csv"));
        QVERIFY(past->exportCsv(csv).isEmpty());
        const auto line = [&csv] {
            QFile file(csv);
            return file.open(QIODevice::ReadOnly) ? file.readAll().split('\n').value(1)
                                                  : QByteArray();
        };
        QCOMPARE(line(), QByteArray("9,1,,,0.5")); // not kept: empty, and not 0
        write(folder + QStringLiteral("/times.csv"), "row,wall_s,active_s\n0,2.5,1.5\n1,5,3\n");
        studio.open();
        pick(studio, "runsView", QStringLiteral("other"));
        past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_COMPARE(past->store().rowCount(), 2);
        QVERIFY(isOffered());
        QVERIFY(past->exportCsv(csv).isEmpty());
        QCOMPARE(line(), QByteArray("9,1,2.5,1.5,0.5"));
    }

    void aRunWithoutValuesSaysSo()
    {
        StudioWindow studio;
        const auto folder = foreignRun(studio);
        write(folder + QStringLiteral("/metrics.csv"), "");
        write(folder + QStringLiteral("/config.json"), "{ nonsense");
        tellState(folder, "finished", 20, 2);
        studio.open();
        pick(studio, "runsView", QStringLiteral("other"));
        auto* past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_VERIFY(past->isVisible());
        QVERIFY(past->findChild<QLabel*>(QStringLiteral("chartsEmpty"))
                ->text()
                .contains(QStringLiteral("has no values")));
        QVERIFY(textOf(studio, "changesSummary")
                .contains(QStringLiteral("config.json of this run is not valid JSON")));
    }

    void aRunThatDivergedIsNotSimplyFinished()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("iris-linear"));
        studio.window->session().document().setValue(
            QStringLiteral("/optimizer/init_args/lr"), 1e38);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle() && !studio.controller().folder().isEmpty(), 60000);
        QVERIFY(textOf(studio, "runEta").contains(QStringLiteral("diverged")));
        QVERIFY(studio.find<ui::ElidedLabel>("statusState")
                ->text()
                .startsWith(QStringLiteral("Diverged: ")));
        auto* runs = studio.find<QAbstractItemView>("runsView")->model();
        const auto state
            = [runs] { return runs->index(0, ui::RunsModel::State).data().toString(); };
        QTRY_COMPARE(state(), QStringLiteral("diverged"));
        // A disk that was full has left it as it was: this window knows better.
        QSignalSpy looked(&studio.window->context(), &StudioContext::runsChanged);
        tellState(studio.controller().folder(), "running", 8, 0);
        QVERIFY(looked.wait(10000));
        QCOMPARE(state(), QStringLiteral("diverged"));
    }

    void aModelThatCannotBeSavedIsToldAtOnce()
    {
        StudioWindow studio;
        startLong(studio);
        pause(studio);
        const auto checkpoints = studio.controller().folder() + QStringLiteral("/checkpoints");
        QVERIFY(!QFile::exists(checkpoints) || QDir(checkpoints).removeRecursively());
        write(checkpoints, "in the way");
        studio.trigger("checkpointNow");
        const auto* notice = studio.find<QLabel>("noticeText");
        QTRY_VERIFY(notice->text().contains(QStringLiteral("is not saved")));
        QVERIFY2(notice->text().contains(QStringLiteral("free on this disk")),
            qPrintable(notice->text()));
        QVERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("otherRunsFolder")));
        type(studio.find<QWidget>("steer:max_epochs"), QStringLiteral("1")); // ends with this epoch
        QTRY_VERIFY(isLogged(studio, QStringLiteral("max_epochs = 1")));
        studio.trigger("pauseRun");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(textOf(studio, "runEta").contains(QStringLiteral("not saved")));
        auto* runs = studio.find<QAbstractItemView>("runsView")->model();
        QTRY_COMPARE(
            runs->index(0, ui::RunsModel::State).data().toString(), QStringLiteral("not saved"));
    }

    void aRowFollowsARunWhoseFolderHasEndedBefore()
    {
        StudioWindow studio;
        startLong(studio);
        pause(studio);
        auto* scanner = studio.window->findChild<ui::RunFolderScanner*>();
        QVERIFY(scanner);
        ui::RunSummary written; // run.json is there a moment before the window knows
        written.folder = studio.controller().folder();
        written.state = ui::RunState::Stopped;
        Q_EMIT scanner->runsChanged({written});
        scanner->blockSignals(true); // finds nothing new in it
        auto* runs = studio.find<QAbstractItemView>("runsView")->model();
        const auto state = [&] { return runs->index(0, ui::RunsModel::State).data().toString(); };
        QCOMPARE(state(), ui::runStateText(ui::RunState::Paused));
        stopNow(studio);
        QCOMPARE(state(), ui::runStateText(ui::RunState::Stopped));
    }

    void aDiscardedRunLeavesNothing()
    {
        StudioWindow studio;
        startLong(studio);
        const auto folder = studio.controller().folder();
        studio.trigger("stopDiscard");
        studio.find<QPushButton>("discard")->click();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(!QFile::exists(folder));
        QVERIFY(!QFile::exists(QFileInfo(folder).path())); // the folder of its series
        QCOMPARE(studio.find<QStackedWidget>("views")->currentIndex(), int(MainWindow::StartView));
        QCOMPARE(studio.find<ui::MonitorView>("monitorView")->store().rowCount(), 0);
        QCOMPARE(studio.find<ui::ElidedLabel>("statusState")->text(), QStringLiteral("Ready"));
        QVERIFY(isLogged(studio, QStringLiteral("was discarded")));
        QVERIFY(textOf(studio, "runEta").isEmpty());
    }

    void thePreviewIsReadWhileARunIsOn()
    {
        StudioWindow studio;
        startLong(studio);
        studio.window->openPreset(QStringLiteral("iris-linear"));
        QTRY_VERIFY_WITH_TIMEOUT(studio.find<ui::ElidedLabel>("dataTitle")
                                     ->text()
                                     .startsWith(QStringLiteral("iris.csv")),
            20000);
        QVERIFY(studio.controller().isActive());
        stopNow(studio);
    }

    void aLaterStopWaitsForResume()
    {
        StudioWindow studio;
        startLong(studio);
        pause(studio);
        studio.trigger("stopAfterEpoch");
        QTRY_VERIFY(isLogged(studio, QStringLiteral("will stop after this epoch")));
        QCOMPARE(studio.controller().phase(), RunPhase::Paused);
        QVERIFY(textOf(studio, "runEta").contains(QStringLiteral("stops after this epoch")));
        studio.trigger("pauseRun");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("stopped"));
    }

    void theEpochsBelowTheCurrentOneWarn()
    {
        SteeringPanel panel;
        panel.showConfig({{"trainer", {{"max_epochs", 2000}}}});
        panel.setRunning(true);
        RunProgress progress;
        progress.epoch = 11;
        panel.showLive(progress);
        panel.show();
        auto* edit = panel.findChild<QLineEdit*>(QStringLiteral("steer:max_epochs"));
        const auto* words = panel.findChild<QLabel*>(QStringLiteral("steerProblem:max_epochs"));
        edit->setText(QStringLiteral("1"));
        QVERIFY(words->isVisible());
        QVERIFY(words->text().contains(QStringLiteral("ends after this one")));
        QVERIFY(panel.findChild<QPushButton*>(QStringLiteral("set:max_epochs"))->isEnabled());
        edit->setText(QStringLiteral("13"));
        QVERIFY(!words->isVisible());
        edit->setText(QStringLiteral("1"));
        panel.setRunning(false); // what was not set must not wait for the next run
        QCOMPARE(edit->text(), QString());
        QVERIFY(!words->isVisible());
    }

    void aRunThatWasStoppedEarlyHasAFullBar_data()
    {
        QTest::addColumn<int>("state");
        QTest::addColumn<int>("bar");
        QTest::addColumn<QString>("words");
        QTest::newRow("early") << int(ui::RunState::StoppedEarly) << 1000 << "42 s · stopped early";
        QTest::newRow("diverged") << int(ui::RunState::Diverged) << 950 << "42 s · diverged";
        QTest::newRow("by hand") << int(ui::RunState::Stopped) << 950 << "42 s · stopped";
    }
    void aRunThatWasStoppedEarlyHasAFullBar()
    {
        QFETCH(const int, state);
        QFETCH(const int, bar);
        QFETCH(const QString, words);
        QObject owner;
        auto* actions = new StudioActions(&owner);
        RunBar line(*actions);
        line.showPhase(RunPhase::Running, false);
        RunProgress progress;
        progress.isTraining = true;
        progress.epoch = 18;
        progress.maxEpochs = 20;
        progress.batch = progress.batches = 10;
        progress.seconds = 42.0;
        progress.remainingSeconds = 3.0;
        line.showProgress(progress);
        const auto* eta = line.findChild<QLabel*>(QStringLiteral("runEta"));
        QCOMPARE(eta->text(), QStringLiteral("42 s · about 3 s left"));
        line.showPhase(RunPhase::Idle, false);
        RunEnd end;
        end.shown = ui::RunState(state);
        line.showEnd(end);
        QCOMPARE(line.findChild<QProgressBar*>(QStringLiteral("runProgress"))->value(), bar);
        QCOMPARE(eta->text(), words);
    }

    void theSpeedIsToldInSamplesToo()
    {
        QObject owner;
        auto* actions = new StudioActions(&owner);
        RunBar line(*actions);
        const auto* speed = line.findChild<QLabel*>(QStringLiteral("runSpeed"));
        line.showPhase(RunPhase::Running, false);
        RunProgress progress;
        progress.isTraining = true;
        progress.batches = 40;
        progress.batchesPerSecond = 120.0;
        line.showProgress(progress);
        QCOMPARE(speed->text(), QStringLiteral("120 it/s"));
        QCOMPARE(speed->toolTip(), QString()); // the batch size is not known
        line.setBatchSize(32);
        QCOMPARE(speed->toolTip(), QStringLiteral("about 3,840 samples/s, in batches of 32"));
        progress.isTraining = false;
        progress.batches = 1; // of a validation
        line.showProgress(progress);
        QCOMPARE(speed->toolTip(), QStringLiteral("about 3,840 samples/s, in batches of 32"));
        progress.isTraining = true; // and this one need not be full
        line.showProgress(progress);
        QCOMPARE(speed->toolTip(), QString());
        progress.batches = 40;
        line.showProgress(progress);
        line.showPhase(RunPhase::Paused, true);
        QCOMPARE(speed->toolTip(), QString());
    }

    void earlyStoppingSaysWhatTheRunHas()
    {
        EarlyStoppingPanel panel;
        const auto* words = panel.findChild<QLabel*>(QStringLiteral("earlyStoppingValues"));
        panel.showState({}, true, true);
        QCOMPARE(words->text(), QStringLiteral("This run has no early stopping."));
        EarlyStoppingState state;
        state.isUsed = true;
        panel.showState(state, true, true);
        QVERIFY(words->text().contains(QStringLiteral("first check")));
        state.news = {QStringLiteral("val_loss"), 0.25, 0.5, 3, 3};
        state.stopReason = QStringLiteral("it got no better");
        panel.showState(state, true, false);
        QVERIFY(words->text().contains(QStringLiteral("it got no better")));
    }

    void theConfigIsWhatHasNoProblems()
    {
        StudioWindow studio;
        auto* problems = studio.find<QToolButton>("statusProblems");
        QCOMPARE(problems->text(), QStringLiteral("no config"));
        studio.window->openPreset(QStringLiteral("iris-linear"));
        QTRY_COMPARE(problems->text(), QStringLiteral("config: no problems"));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("-7"));
        QTRY_COMPARE(problems->text(), QStringLiteral("config: 1 problem"));
    }

    void aBranchHasATitleAndACommandOfItsOwn()
    {
        StudioWindow studio;
        const auto parent = finishedRun(studio);
        const auto checkpoint = parent + QStringLiteral("/checkpoints/last.ckpt");
        studio.window->branchRun(checkpoint);
        studio.find<QPushButton>("branchAccept")->click();
        QTRY_COMPARE(studio.window->session().name(), QStringLiteral("iris-linear-branch"));
        studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 100);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto folder = studio.controller().folder();
        QVERIFY(folder != parent);
        QVERIFY(studio.window->windowTitle().startsWith(QStringLiteral("iris-linear/version_1")));
        QVERIFY(command(studio).contains(folder + QStringLiteral("/config.json")));
        QVERIFY(textOf(studio, "commandNote").contains(QStringLiteral("iris-linear/version_0")));
    }

    void theRunsDockHasTheLiveNumbers()
    {
        StudioWindow studio;
        startLong(studio);
        auto* runs = studio.find<QAbstractItemView>("runsView")->model();
        QTRY_COMPARE_WITH_TIMEOUT(runs->rowCount(), 1, 10000);
        int same = 0; // the row and the bar, each time that the run tells how far it is
        int told = 0;
        connect(&studio.window->context(), &StudioContext::liveProgressed, studio.window.get(),
            [&](const RunRecord& live) {
                ++told;
                const auto step = runs->index(0, ui::RunsModel::Step).data(ui::RunsModel::SortRole);
                same += step.toDouble() == double(live.progress.globalStep) ? 1 : 0;
            });
        QTRY_VERIFY_WITH_TIMEOUT(told >= 5, 30000);
        QCOMPARE(same, told);
        const auto* speed = studio.find<QLabel>("runSpeed");
        QTRY_VERIFY_WITH_TIMEOUT(
            speed->toolTip().endsWith(QStringLiteral(" samples/s, in batches of 4")), 10000);
        stopNow(studio);
    }
};

LEYDEN_WIDGET_TEST(TestShownRun)
} // namespace tst_shown_run

#include "tst_shown_run.moc"
