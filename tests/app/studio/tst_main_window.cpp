// SPDX-License-Identifier: GPL-3.0-or-later
#include "programs.h"

#include "app/studio/window/studio_actions.h"
#include "tests/support/widget_test.h"
#include "widgets/common/elided_label.h"
#include "widgets/log/log_model.h"
#include "widgets/plots/monitor_view.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLibraryInfo>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QProgressBar>
#include <QPushButton>
#include <QScreen>
#include <QSignalSpy>
#include <QTimer>
#include <QToolButton>
#include <QVersionNumber>

namespace tst_main_window {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::headlessMetrics;
using leyden::app::test::openLong;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

QStringList csvLines(const QByteArray& text)
{
    return QString::fromUtf8(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

void startAndWait(const StudioWindow& studio)
{
    studio.start();
    QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
}

/// Exports the config as it stands, for the headless run to compare with.
QString exportedConfig(const StudioWindow& studio)
{
    const auto file = studio.path(QStringLiteral("exported.json"));
    studio.window->exportConfig(file);
    return file;
}

/// The events of its run folder, in order.
QList<QJsonObject> eventsOf(const StudioWindow& studio)
{
    QList<QJsonObject> events;
    for (const auto& line : studio.read(QStringLiteral("events.jsonl")).split('\n'))
        if (!line.isEmpty())
            events += QJsonDocument::fromJson(line).object();
    return events;
}

QStringList namesOf(const QList<QJsonObject>& events)
{
    QStringList names;
    for (const auto& event : events)
        names += event.value(QStringLiteral("event")).toString();
    return names;
}

int stepOf(const QJsonObject& object)
{
    return object.value(QStringLiteral("global_step")).toInt(-1);
}

int valuesOf(const StudioWindow& studio, const char* metric)
{
    const auto* series
        = studio.find<ui::MonitorView>("monitorView")->store().series(QLatin1String(metric));
    return series ? int(series->size()) : 0;
}

/// metrics.csv of the command that the inspector shows, run as it stands there, but in a folder of
/// its own.
QByteArray metricsOfTheShownCommand(const StudioWindow& studio)
{
    auto command = studio.find<QPlainTextEdit>("commandText")->toPlainText();
    auto words = QProcess::splitCommand(command.remove(QStringLiteral("\\\n")));
    if (words.isEmpty() || words.takeFirst() != QLatin1String("leyden"))
        return {};
    const leyden::test::LeydenProgram program{studio.folder.path()};
    const auto result = program.run(words
            + QStringList{QStringLiteral("--run_dir"), studio.path(QStringLiteral("again")),
                QStringLiteral("--quiet")},
        120000);
    if (result.exitCode != 0)
        qWarning("%s", result.errors.constData());
    return program.read(QStringLiteral("again/metrics.csv"));
}

void startAndPause(const StudioWindow& studio)
{
    startAndWait(studio);
    studio.trigger("pauseRun");
    QTRY_COMPARE(studio.controller().phase(), RunPhase::Paused);
}

} // namespace

class TestMainWindow final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensAPresetAndStartsNothing()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        QVERIFY(studio.find<QAction>("startRun")->isEnabled());
        QCOMPARE(studio.controller().phase(), RunPhase::Idle);
        QVERIFY(!QFile::exists(studio.path(QStringLiteral("runs/digits-mlp"))));
    }

    void item2_trainsAsTheHeadlessRunOfTheExportedConfig()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("3"));
        const auto exported = exportedConfig(studio);
        QVERIFY(QFile::exists(exported));

        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);

        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("finished"));
        const auto metrics = studio.read(QStringLiteral("metrics.csv"));
        QCOMPARE(studio.runJson().value(QStringLiteral("global_step")).toInt(), 69);
        QCOMPARE(studio.find<QLabel>("statusStep")->text(), QStringLiteral("step 69"));
        QVERIFY(
            csvLines(metrics).size() > 6); // 3 epochs of 23 steps, a row each 10, and validation
        QCOMPARE(metrics, headlessMetrics(studio, exported));
        // The window's store has every row too.
        const auto* monitor = studio.find<ui::MonitorView>("monitorView");
        QCOMPARE(monitor->store().rowCount(), csvLines(metrics).size() - 1);
    }

    void item5_pausesWithinAStepAndGoesOnAsIfNothingHappened()
    {
        StudioWindow studio;
        openLong(studio);
        const auto exported = exportedConfig(studio);
        startAndPause(studio);
        const auto rows = studio.find<ui::MonitorView>("monitorView")->store().rowCount();
        const auto text = studio.read(QStringLiteral("metrics.csv"));

        // While it holds, the window answers: views change, a field takes text.
        studio.trigger("viewConfigure");
        type(studio.field("/trainer/max_epochs"), QStringLiteral("50"));
        QSignalSpy drained(&studio.controller(), &RunController::progressed);
        QVERIFY(!drained.wait(1200)); // no step passes
        QCOMPARE(studio.read(QStringLiteral("metrics.csv")), text);
        QCOMPARE(studio.find<ui::MonitorView>("monitorView")->store().rowCount(), rows);
        QCOMPARE(studio.find<QLabel>("runSpeed")->text(), QStringLiteral("paused"));

        studio.trigger("pauseRun");
        QTRY_COMPARE(studio.controller().phase(), RunPhase::Running);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(studio.read(QStringLiteral("metrics.csv")), headlessMetrics(studio, exported));
    }

    void showsAllOfTheCurvesAsSoonAsItHolds()
    {
        StudioWindow studio;
        openLong(studio);
        startAndWait(studio);
        const auto* monitor = studio.find<ui::MonitorView>("monitorView");
        QVERIFY(monitor->isVisible());
        QSignalSpy refreshed(monitor, &ui::MonitorView::refreshed);
        qsizetype before = -1;
        qsizetype after = -1;
        connect(&studio.controller(), &RunController::phaseChanged, this, [&](RunPhase phase) {
            if (phase == RunPhase::Paused)
                before = refreshed.size();
        });
        connect(&studio.controller(), &RunController::drained, this,
            [&] { // the window has heard it by now
                if (before >= 0 && after < 0)
                    after = refreshed.size();
            });
        studio.trigger("pauseRun");
        QTRY_COMPARE(studio.controller().phase(), RunPhase::Paused);
        QCOMPARE(after, before + 1); // however slow it is to paint
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
    }

    void item5_validatesAndSavesWhileItIsPaused()
    {
        StudioWindow studio;
        openLong(studio);
        const auto exported = exportedConfig(studio);
        startAndPause(studio);
        QTRY_COMPARE(namesOf(eventsOf(studio)), QStringList{QStringLiteral("pause")});
        const int step = stepOf(eventsOf(studio).first());
        const int before = valuesOf(studio, "val_loss");
        studio.trigger("validateNow");
        // to its end, though the run holds
        QTRY_COMPARE_WITH_TIMEOUT(valuesOf(studio, "val_loss"), before + 1, 60000);
        QCOMPARE(studio.controller().phase(), RunPhase::Paused);
        studio.trigger("checkpointNow");
        QTRY_COMPARE(studio.checkpoints().filter(QStringLiteral("manual-")).size(), 1);
        QVERIFY2(studio.checkpoints()
                     .join(QLatin1Char(' '))
                     .contains(QStringLiteral("-step=%1.ckpt").arg(step)),
            // of the state that was paused
            qPrintable(studio.checkpoints().join(QLatin1Char(' '))));
        QCOMPARE(studio.controller().phase(), RunPhase::Paused);
        QCOMPARE(studio.find<QLabel>("runSpeed")->text(), QStringLiteral("paused"));
        QStringList done{
            QStringLiteral("pause"), QStringLiteral("validate"), QStringLiteral("checkpoint")};
        QTRY_COMPARE(namesOf(eventsOf(studio)), done);
        auto* list = studio.find<QAbstractItemView>("checkpointView");
        QTRY_VERIFY(list->model()->rowCount() >= 1);
        studio.trigger("pauseRun");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(namesOf(eventsOf(studio)), done << QStringLiteral("resume"));
        for (const auto& event : eventsOf(studio))
            QCOMPARE(stepOf(event), step);
        // Neither changes what comes after; the validation by hand is a row that a replay has too.
        const auto events = studio.controller().folder() + QStringLiteral("/events.jsonl");
        QCOMPARE(studio.read(QStringLiteral("metrics.csv")),
            headlessMetrics(studio, exported, {QStringLiteral("--replay_events"), events}));
    }

    void item4_changesMadeWhileItRunsReplayBitForBit()
    {
        StudioWindow studio;
        openLong(studio);
        type(studio.field("/trainer/max_epochs"), QStringLiteral("1000"));
        const auto exported = exportedConfig(studio);
        startAndWait(studio);
        const auto change = [&](const char* option, const QString& text) {
            type(studio.find<QWidget>((QByteArray("steer:") + option).constData()), text);
            auto* now = studio.find<ui::ElidedLabel>((QByteArray("now:") + option).constData());
            return QTest::qWaitFor(
                [&] { return now->text().toDouble() == text.toDouble(); }, 10000);
        };
        QVERIFY(change("patience", QStringLiteral("900")));
        QVERIFY(change("lr", QStringLiteral("5e-4")));
        QVERIFY(change("gradient_clip_val", QStringLiteral("0.5")));
        QVERIFY(change("log_every_n_steps", QStringLiteral("5")));
        QVERIFY(change("max_epochs", QStringLiteral("900")));
        QTRY_VERIFY(studio.find<QPlainTextEdit>("commandText")
                ->toPlainText()
                .contains(QStringLiteral("--replay_events")));
        studio.trigger("stopAfterEpoch");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);

        QCOMPARE(studio.read(QStringLiteral("events.jsonl")).count("\"set\""), 5);
        const auto* monitor = studio.find<ui::MonitorView>("monitorView");
        QVERIFY(std::any_of(
            monitor->markers().begin(), monitor->markers().end(), [](const ui::Marker& marker) {
                return marker.text.startsWith(QStringLiteral("lr = "));
            }));
        const auto events = studio.controller().folder() + QStringLiteral("/events.jsonl");
        const auto metrics = studio.read(QStringLiteral("metrics.csv"));
        QCOMPARE(metrics,
            headlessMetrics(studio, exported, {QStringLiteral("--replay_events"), events}));

        // As a run of the past, it has a command that holds what its words promise.
        studio.open();
        auto* runs = studio.find<QAbstractItemView>("runsView");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->setCurrentIndex(runs->model()->index(0, 0));
        QTRY_VERIFY(studio.find<QPlainTextEdit>("commandText")
                ->toPlainText()
                .contains(QStringLiteral("--config")));
        QCOMPARE(metricsOfTheShownCommand(studio), metrics);
    }

    void item6_stopsByEachVerb_data()
    {
        QTest::addColumn<QByteArray>("action");
        QTest::addColumn<QString>("verb");
        QTest::addColumn<QString>("file"); // that has to be there at the end; "" for none
        QTest::newRow("after this step")
            << QByteArray("stopAfterStep") << QStringLiteral("after_step") << QString();
        QTest::newRow("after this epoch")
            << QByteArray("stopAfterEpoch") << QStringLiteral("after_epoch")
            << QStringLiteral("epoch=");
        QTest::newRow("after the next checkpoint")
            << QByteArray("stopAfterCheckpoint") << QStringLiteral("after_checkpoint")
            << QStringLiteral("step=%1.ckpt");
        QTest::newRow("save and stop")
            << QByteArray("stopSaveAndStop") << QStringLiteral("save_and_stop")
            << QStringLiteral("stopped.ckpt");
    }

    void item6_stopsByEachVerb()
    {
        QFETCH(const QByteArray, action);
        QFETCH(const QString, verb);
        QFETCH(QString, file);
        constexpr int checkpointEvery = 7; // steps; it ends no epoch
        StudioWindow studio;
        openLong(studio);
        if (verb == QLatin1String("after_checkpoint"))
            studio.window->session().document().setValue(QStringLiteral("/trainer/callbacks"),
                Json::array({{{"class_path", "ModelCheckpoint"},
                    {"init_args", {{"every_n_train_steps", checkpointEvery}}}}}));
        startAndWait(studio);
        QTRY_VERIFY(studio.controller().progress().isTraining);
        const int epoch = int(studio.controller().progress().batches);
        // begins with the first row
        QTRY_VERIFY(QFile::exists(studio.controller().folder() + QStringLiteral("/metrics.csv")));
        studio.trigger(action.constData());
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);

        const auto events = eventsOf(studio);
        QCOMPARE(namesOf(events), QStringList{QStringLiteral("stop")});
        QCOMPARE(events.first().value(QStringLiteral("value")).toString(), verb);
        const int asked = stepOf(events.first());
        const int last = stepOf(studio.runJson());
        if (verb == QLatin1String("after_epoch")) {
            QCOMPARE(last % epoch, 0); // to the end of that epoch, and no further
            QVERIFY2(last >= asked && last - asked <= epoch,
                qPrintable(QStringLiteral("%1, %2").arg(asked).arg(last)));
        } else if (verb == QLatin1String("after_checkpoint")) {
            // The one that came next, or one that was taken while that was written; training went
            // on meanwhile.
            QVERIFY(!studio.checkpoints().isEmpty());
            const auto name = studio.checkpoints().last();
            const int saved
                = name.section(QStringLiteral("step="), 1).section(QLatin1Char('.'), 0, 0).toInt();
            QCOMPARE(saved % checkpointEvery, 0);
            QVERIFY2(saved > asked && saved <= last,
                qPrintable(QStringLiteral("asked at %1, saved %2, ended at %3")
                        .arg(asked)
                        .arg(saved)
                        .arg(last)));
            file = file.arg(saved);
        } else {
            QCOMPARE(last, asked);
        }

        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("stopped"));
        QVERIFY(studio.runJson().value(QStringLiteral("epoch")).toInt() < 19); // not to its end
        QVERIFY(studio.read(QStringLiteral("events.jsonl")).contains("\"stop\""));
        if (!file.isEmpty())
            QVERIFY2(!studio.checkpoints().filter(file).isEmpty(),
                qPrintable(studio.checkpoints().join(QLatin1Char(' '))));
        QCOMPARE(studio.checkpoints().contains(QStringLiteral("stopped.ckpt")),
            action == "stopSaveAndStop");
        for (const auto* each :
            {"config.json", "metrics.csv", "run.json", "events.jsonl", "log.txt"})
            QVERIFY2(QFile::exists(
                         studio.controller().folder() + QLatin1Char('/') + QLatin1String(each)),
                each);
    }

    void item6_doesNotStopWhatItCannotSave()
    {
        StudioWindow studio;
        openLong(studio);
        startAndPause(studio);
        const auto checkpoints = studio.controller().folder() + QStringLiteral("/checkpoints");
        QVERIFY(!QFile::exists(checkpoints) || QDir(checkpoints).removeRecursively());
        QFile inTheWay(checkpoints);
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
        inTheWay.close();
        studio.trigger("stopSaveAndStop");
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Paused, 60000);
        QVERIFY(studio.read(QStringLiteral("events.jsonl")).contains("\"stop_failed\""));

        QVERIFY(inTheWay.remove());
        studio.trigger("stopSaveAndStop");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(studio.checkpoints().contains(QStringLiteral("stopped.ckpt")));
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("stopped"));
    }

    void item6_discardAsksAndDeletesTheFolder()
    {
        StudioWindow studio;
        openLong(studio);
        startAndPause(studio);
        const auto folder = studio.controller().folder();
        QVERIFY(QFile::exists(folder));
        studio.trigger("stopDiscard");
        QVERIFY(studio.controller().isActive()); // it asks first
        studio.find<QPushButton>("discard")->click();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(!QFile::exists(folder));
    }

    void badConfigDisablesStartAndLeadsToTheField()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("digits-mlp")));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("-7"));
        QTRY_VERIFY(!studio.find<QAction>("startRun")->isEnabled());
        QVERIFY(studio.find<QAction>("startRun")->toolTip().contains(QStringLiteral("max_epochs")));
        studio.trigger("viewStart");
        studio.find<QToolButton>("statusProblems")->click();
        QTRY_COMPARE(studio.window->focusWidget()->objectName(),
            QStringLiteral("field:/trainer/max_epochs"));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("1"));
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled());
    }

    void aFailedRunSaysWhyAndTheNextOneStarts()
    {
        StudioWindow studio;
        QFile table(studio.path(QStringLiteral("bad.csv")));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("a,b\n1,x\n");
        table.close();
        openLong(studio);
        studio.window->session().document().setValue(
            QStringLiteral("/data/init_args/path"), table.fileName().toStdString());
        studio.window->session().check();
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 30000);
        QVERIFY(studio.find<QWidget>("noticeBar")->isVisible());
        QVERIFY(studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("failed")));

        openLong(studio);
        startAndWait(studio);
        QVERIFY(!studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("failed")));
        studio.trigger("stopAfterStep");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
    }

    void takesSchedulersWithinSchedulersAndGroups()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        auto& document = studio.window->session().document();
        for (const auto& option : studio.registry.all(ComponentKind::Optimizer)) {
            document.setValue(QStringLiteral("/optimizer"),
                {{"class_path", option->name}, {"init_args", Json::object()}});
            studio.field("/optimizer");
        }
        for (const auto& option : studio.registry.all(ComponentKind::LRScheduler)) {
            document.setValue(QStringLiteral("/lr_scheduler"),
                {{"class_path", option->name}, {"init_args", Json::object()}});
            studio.field("/lr_scheduler");
        }
        document.setValue(QStringLiteral("/optimizer"),
            Json::parse(QByteArray("{'class_path': 'AdamW', 'init_args': {'param_groups': "
                                   "[{'params': '.*bias', 'weight_decay': 0.0}]}}")
                    .replace('\'', '"')));
        document.setValue(QStringLiteral("/lr_scheduler"),
            Json::parse(QByteArray(
                "{'class_path': 'SequentialLR', 'init_args': {'milestones': [1], 'schedulers': ["
                "{'class_path': 'LinearLR', 'init_args': {}},"
                "{'class_path': 'ExponentialLR', 'init_args': {'gamma': 0.9}}]}}")
                    .replace('\'', '"')));
        studio.field("/optimizer/init_args/param_groups");
        studio.field("/lr_scheduler/init_args/schedulers");
        document.setValue(QStringLiteral("/trainer/max_epochs"), 3);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("finished"));
    }

    void closingWhileARunIsOnAsks()
    {
        StudioWindow studio;
        openLong(studio);
        startAndWait(studio);
        QVERIFY(!studio.window->close());
        studio.find<QPushButton>("saveAndStop")->click();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QTRY_VERIFY(!studio.window->isVisible());
        QVERIFY(studio.checkpoints().contains(QStringLiteral("stopped.ckpt")));
    }

    void theRunOutlivesAHiddenWindow()
    {
        StudioWindow studio;
        openLong(studio);
        startAndWait(studio);
        studio.window->hide();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        studio.window->show();
        const auto rows = csvLines(studio.read(QStringLiteral("metrics.csv"))).size() - 1;
        QCOMPARE(studio.find<ui::MonitorView>("monitorView")->store().rowCount(), rows); // no hole
    }

    void offersARunThatACrashLeftAndGoesOnWithIt()
    {
        StudioWindow studio;
        openLong(studio);
        startAndWait(studio);
        studio.trigger("stopSaveAndStop");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto folder = studio.controller().folder();
        auto run = studio.runJson(); // as kill -9 leaves it: running, by a process that is no more
        run.insert(QStringLiteral("state"), QStringLiteral("running"));
        run.insert(QStringLiteral("pid"), 999999999);
        QFile file(folder + QStringLiteral("/run.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(run).toJson());
        file.close();

        studio.open();
        QTRY_VERIFY(studio.find<QWidget>("noticeBar")->isVisible());
        QVERIFY(studio.find<QLabel>("noticeText")
                ->text()
                .contains(QStringLiteral("unexpectedly at step")));
        studio.find<QPushButton>("resumeCrashed")->click();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(studio.controller().folder(), folder);
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("finished"));
        const auto rows = csvLines(studio.read(QStringLiteral("metrics.csv"))).size() - 1;
        QCOMPARE(studio.find<ui::MonitorView>("monitorView")->store().rowCount(),
            rows); // with those before
    }

    void showsTheCurvesOfARunOfThePast()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().folder().size() > 0 && studio.isIdle(), 60000);
        const auto lines = csvLines(studio.read(QStringLiteral("metrics.csv")));
        studio.open();
        auto* runs = studio.find<QAbstractItemView>("runsView");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->setCurrentIndex(runs->model()->index(0, 0));
        const auto* past = studio.find<ui::MonitorView>("pastMonitorView");
        QTRY_COMPARE(past->store().rowCount(), lines.size() - 1);
        QVERIFY(studio.find<QAbstractItemView>("checkpointView")->model()->rowCount() > 0);
    }

    void aRunsFolderThatVanishesIsNoEnd()
    {
        StudioWindow studio;
        openLong(studio);
        startAndPause(studio); // a run that goes on makes the folder anew with its next checkpoint
        QTRY_COMPARE_WITH_TIMEOUT(
            studio.find<QAbstractItemView>("runsView")->model()->rowCount(), 1, 10000);
        QVERIFY(QDir().rename(
            studio.path(QStringLiteral("runs")), studio.path(QStringLiteral("gone"))));
        const auto* log = studio.find<QAbstractItemView>("logView")->model();
        QTRY_VERIFY_WITH_TIMEOUT(
            !log->match(log->index(0, ui::LogModel::Text), Qt::DisplayRole,
                    QStringLiteral("The runs folder is gone: "), 1, Qt::MatchContains)
                .isEmpty(),
            10000);
        QVERIFY(studio.find<QLabel>("runsEmpty")
                ->text()
                .startsWith(QStringLiteral("The runs folder is gone")));
        studio.trigger("pauseRun");
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(QFile::exists(studio.controller().folder()));
    }

    void remembersLayoutAndConfig()
    {
        StudioWindow studio;
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        studio.trigger("viewMonitor");
        studio.find<QWidget>("logDock")->hide();
        studio.window->resize(1100, 700);
        QVERIFY(studio.window->close());
        studio.open();
        studio.window->restoreLastConfig();
        QCOMPARE(studio.window->session().preset(), QStringLiteral("iris-linear"));
        studio.trigger("viewMonitor");
        QVERIFY(!studio.find<QWidget>("logDock")->isVisible());
        QVERIFY(studio.find<QWidget>("inspectorDock")->isVisible());
        // Newer Qt fits a window that it restores to the screen; the offscreen one may be narrower
        // than ours.
        const auto fits = studio.window->screen()->availableSize().width() >= 1100;
        QCOMPARE(studio.window->size().height(), 700);
        if (fits || QLibraryInfo::version() < QVersionNumber(6, 8))
            QCOMPARE(studio.window->size().width(), 1100);
        studio.trigger("resetLayout");
        QVERIFY(studio.find<QWidget>("logDock")->isVisible());
    }
};

LEYDEN_WIDGET_TEST(TestMainWindow)
} // namespace tst_main_window

#include "tst_main_window.moc"
