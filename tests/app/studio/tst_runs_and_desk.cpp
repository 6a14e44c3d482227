// SPDX-License-Identifier: GPL-3.0-or-later
// More than one run, and more than one config: what is shown, what is kept, what asks first.
#include "run_steps.h"

#include "app/studio/inspector/steering_panel.h"
#include "app/studio/window/checkpoint_desk.h"
#include "tests/support/widget_test.h"
#include "widgets/plots/monitor_view.h"
#include "widgets/runs/checkpoint_model.h"
#include "widgets/runs/runs_panel.h"

#include <QCheckBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>

#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tst_runs_and_desk {
using namespace leyden;
using namespace leyden::app;
using leyden::app::test::finishedRun;
using leyden::app::test::isLogged;
using leyden::app::test::pick;
using leyden::app::test::stopNow;
using leyden::app::test::StudioWindow;
using leyden::app::test::type;

namespace {

void startLong(const StudioWindow& studio)
{
    studio.window->openPreset(QStringLiteral("digits-mlp"));
    type(studio.field("/data/init_args/batch_size"), QStringLiteral("4"));
    studio.start();
    QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
}

const ui::MonitorView* shownMonitor(const StudioWindow& studio)
{
    return studio.find<ui::MonitorView>("pastMonitorView")->isVisible()
        ? studio.find<ui::MonitorView>("pastMonitorView")
        : studio.find<ui::MonitorView>("monitorView");
}

double steeredRate(const StudioWindow& studio)
{
    return studio.find<SteeringPanel>("steeringPanel")->valueInEffect(QStringLiteral("lr"));
}

/// A file that nobody gets to read, as on a disk that hangs, until it is released.
class HangingFile
{
public:
    explicit HangingFile(const QString& path)
        : m_path(path), m_aside(path + QStringLiteral(".aside"))
    {
        m_hangs = QFile::rename(path, m_aside)
            && mkfifo(QFile::encodeName(path).constData(), 0600) == 0;
    }
    ~HangingFile() { release(); }
    bool hangs() const { return m_hangs; }
    /// The file is back, and who waits for it reads it.
    void release()
    {
        if (!std::exchange(m_hangs, false))
            return;
        // fails: nobody reads
        const int end = open(QFile::encodeName(m_path).constData(), O_WRONLY | O_NONBLOCK);
        QFile::remove(m_path);
        QFile::rename(m_aside, m_path);
        if (end < 0)
            return;
        QFile file(m_path);
        if (file.open(QIODevice::ReadOnly)) {
            const auto bytes = file.readAll();
            fcntl(end, F_SETFL, 0); // a pipe takes little at once
            wasRead = write(end, bytes.constData(), size_t(bytes.size())) == bytes.size();
        }
        close(end);
    }
    bool wasRead = false;

private:
    QString m_path;
    QString m_aside;
    bool m_hangs;
};

/// A run that can go on, in a window that was opened after it.
QString stoppedRun(StudioWindow& studio)
{
    startLong(studio);
    studio.trigger("stopSaveAndStop");
    if (!QTest::qWaitFor([&] { return studio.isIdle(); }, 60000))
        return {};
    const auto folder = studio.controller().folder();
    studio.open();
    return folder;
}

} // namespace

class TestRunsAndDesk final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNewRunIsShownThoughAnOldOneIsSelected()
    {
        StudioWindow studio;
        QVERIFY(!finishedRun(studio).isEmpty());
        studio.open();
        pick(studio, "runsView", QStringLiteral("iris"));
        QTRY_COMPARE(shownMonitor(studio)->objectName(), QStringLiteral("pastMonitorView"));
        startLong(studio);
        auto* runs = studio.find<QAbstractItemView>("runsView");
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 2, 10000); // its row comes later
        QTest::qWait(600);
        QCOMPARE(shownMonitor(studio)->objectName(), QStringLiteral("monitorView"));
        studio.trigger("viewConfigure");
        stopNow(studio); // and rows that change lead nobody out of the form
        QTest::qWait(600);
        QVERIFY(studio.find<QWidget>("configPage")->isVisible());
    }

    void theWayBackFromAnOldRunIsWhole()
    {
        StudioWindow studio;
        QVERIFY(!finishedRun(studio).isEmpty());
        startLong(studio);
        QTRY_COMPARE(steeredRate(studio), 0.002);
        pick(studio, "runsView", QStringLiteral("iris"));
        auto* back = studio.find<QPushButton>("backToLive");
        QTRY_VERIFY(back->isVisible());
        QVERIFY(!studio.find<QLineEdit>("steer:lr")->isEnabled()); // that run is over
        back->click();
        QCOMPARE(shownMonitor(studio)->objectName(), QStringLiteral("monitorView"));
        QVERIFY(studio.find<QLineEdit>("steer:lr")->isEnabled());
        QCOMPARE(steeredRate(studio), 0.002);
        // The inspector tells of the run, not of what lies on the desk meanwhile.
        QVERIFY(studio.window->openPreset(QStringLiteral("iris-linear")));
        QVERIFY(studio.find<QPlainTextEdit>("commandText")
                ->toPlainText()
                .contains(QStringLiteral("digits-mlp")));
        stopNow(studio);
        QTRY_VERIFY(studio.find<QPlainTextEdit>("commandText")
                ->toPlainText()
                .contains(QStringLiteral("iris-linear")));
    }

    void theRateInEffectIsShown()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        type(studio.field("/data/init_args/batch_size"), QStringLiteral("4")); // it lasts
        studio.window->session().document().setValue(QStringLiteral("/lr_scheduler"),
            {{"class_path", "StepLR"}, {"init_args", {{"step_size", 1}, {"gamma", 0.5}}}});
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(steeredRate(studio) < 0.0011, 60000);
        QVERIFY(studio.controller().isActive());
        stopNow(studio);
    }

    void aQuestionEndsWithItsRun()
    {
        StudioWindow studio;
        startLong(studio);
        QVERIFY(!studio.window->close());
        QVERIFY(studio.find<QPushButton>("saveAndStop")->isVisible());
        studio.controller().stop(StopVerb::AfterStep);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QTRY_VERIFY(!studio.window->findChild<QPushButton*>(QStringLiteral("saveAndStop")));
        QVERIFY(!finishedRun(studio).isEmpty());
        QVERIFY(studio.window->isVisible());
    }

    void goingBackWithinARunAsks()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 4);
        studio.window->session().document().setValue(QStringLiteral("/trainer/callbacks"),
            Json::array({{{"class_path", "ModelCheckpoint"},
                {"init_args",
                    {{"monitor", "val_acc"}, {"mode", "max"}, {"save_top_k", -1},
                        {"filename", "state-{epoch}"}}}}}));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto folder = studio.controller().folder();
        const auto rows = studio.find<ui::MonitorView>("monitorView")->store().rowCount();
        const auto metrics = studio.read(QStringLiteral("metrics.csv"));

        { // changed by hand once before the step it will go back to, and once after it
            QFile events(folder + QStringLiteral("/events.jsonl"));
            QVERIFY(events.open(QIODevice::WriteOnly));
            for (const int step : {30, 80})
                events.write(QByteArray(
                    "{'time': '2026-01-01T00:00:00.000Z', 'event': 'set', 'epoch': 1, 'batch_idx': "
                    "6,"
                    "'global_step': %, 'by': 'user', 'value': {'log_every_n_steps': 10}}\n")
                        .replace('\'', '"')
                        .replace("%", QByteArray::number(step)));
        }
        studio.open(); // now it is a run of the past; its steps are in no file name
        pick(studio, "runsView", QStringLiteral("digits"));
        pick(studio, "checkpointView", QStringLiteral("epoch=1"));
        const auto* list = studio.find<QAbstractItemView>("checkpointView");
        const auto row = list->currentIndex();
        QCOMPARE(
            row.siblingAtColumn(ui::CheckpointModel::Step).data().toString(), QStringLiteral("46"));
        QVERIFY(row.siblingAtColumn(ui::CheckpointModel::Value)
                .data()
                .toString()
                .startsWith(QStringLiteral("0.9")));
        studio.find<QPushButton>("resumeCheckpoint")->click();
        QTRY_VERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("resume")));
        QVERIFY(studio.isIdle()); // it asks first
        studio.find<QPushButton>("resume")->click();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(studio.controller().folder(), folder);
        QCOMPARE(studio.read(QStringLiteral("metrics.csv")), metrics);
        QCOMPARE(studio.find<ui::MonitorView>("monitorView")->store().rowCount(), rows);
        QVERIFY(QFile::exists(folder + QStringLiteral("/metrics.csv.0.old")));
        const auto& markers = studio.find<ui::MonitorView>("monitorView")->markers();
        QVERIFY(std::any_of(markers.begin(), markers.end(), [](const ui::Marker& marker) {
            return marker.kind == ui::MarkerKind::Resume && marker.step == 46.0;
        }));
        QList<double> changes; // what was set aside with its rows is not on the axis
        for (const auto& marker : markers)
            if (marker.kind == ui::MarkerKind::Intervention)
                changes += marker.step;
        QCOMPARE(changes, QList<double>{30.0});
        // One best, and the one that has the best value.
        QStringList starred;
        double best = 0.0;
        double starredValue = -1.0;
        for (int i = 0; i < list->model()->rowCount(); ++i) {
            const auto name = list->model()->index(i, ui::CheckpointModel::Name).data().toString();
            const auto value = list->model()
                                   ->index(i, ui::CheckpointModel::Value)
                                   .data(ui::CheckpointModel::SortRole)
                                   .toDouble();
            best = std::max(best, value);
            if (name.startsWith(QStringLiteral("★"))) {
                starred += name;
                starredValue = value;
            }
        }
        QCOMPARE(starred.size(), 1);
        QCOMPARE(starredValue, best);
        QCOMPARE(studio.runJson()
                     .value(QStringLiteral("best"))
                     .toObject()
                     .value(QStringLiteral("value"))
                     .toDouble(),
            best);
    }

    void asksWhereTheLastRowsLieBehindTheNewestCheckpoint()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        auto& document = studio.window->session().document();
        document.setValue(QStringLiteral("/trainer/max_epochs"), 2);
        document.setValue(QStringLiteral("/trainer/callbacks"),
            Json::array({{{"class_path", "ModelCheckpoint"},
                {"init_args", {{"every_n_train_steps", 30}}}}}));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        const auto folder = studio.controller().folder();
        QCOMPARE(studio.checkpoints().size(), 1);
        QVERIFY(studio.checkpoints().first().contains(QStringLiteral("step=30")));

        auto* runs = studio.window->findChild<ui::RunsPanel*>();
        Q_EMIT runs->resumeRequested(folder); // as its menu does
        QTRY_VERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("resume")));
        QVERIFY(studio.isIdle());
        const auto* question = studio.find<QMessageBox>("resumeQuestion");
        QVERIFY2(
            question->text().contains(QStringLiteral("step 30")), qPrintable(question->text()));
        QVERIFY2(question->informativeText().contains(QStringLiteral("up to step 46")),
            qPrintable(question->informativeText()));
        studio.find<QPushButton>("cancel")->click();
        QTest::qWait(200);
        QVERIFY(studio.isIdle());

        // So does the newest checkpoint itself, which has no newer one.
        pick(studio, "checkpointView", QStringLiteral("step=30"));
        studio.find<QPushButton>("resumeCheckpoint")->click();
        QTRY_VERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("resume")));
        studio.find<QPushButton>("cancel")->click();

        // A crash says it in its notice, and asks no more.
        auto run = studio.runJson();
        run.insert(QStringLiteral("state"), QStringLiteral("running"));
        run.insert(QStringLiteral("pid"), 999999999);
        const auto noticeOf = [&](const QJsonObject& json) {
            QFile file(folder + QStringLiteral("/run.json"));
            if (!file.open(QIODevice::WriteOnly))
                return QString();
            file.write(QJsonDocument(json).toJson());
            file.close();
            studio.open();
            const auto isThere = [&] {
                return studio.window->findChild<QPushButton*>(QStringLiteral("resumeCrashed"));
            };
            return QTest::qWaitFor(isThere) ? studio.find<QLabel>("noticeText")->text() : QString();
        };
        auto late = run; // the file had not been written since the checkpoint
        late.insert(QStringLiteral("global_step"), 12);
        const auto lateText = noticeOf(late);
        QVERIFY2(lateText.contains(
                     QStringLiteral("unexpectedly at step 30. Resume continues from step 30.")),
            qPrintable(lateText));
        const auto text = noticeOf(run);
        QVERIFY2(text.contains(
                     QStringLiteral("unexpectedly at step 46. Resume continues from step 30.")),
            qPrintable(text));
        // No config is open: the inspector has none, and no command.
        QVERIFY(studio.find<QPlainTextEdit>("commandText")->toPlainText().isEmpty());
        QVERIFY(!studio.find<QPushButton>("copyCommandButton")->isEnabled());
        QVERIFY(!studio.find<QAction>("copyCommand")->isEnabled());
        QVERIFY(studio.find<QPlainTextEdit>("inspectorJson")->toPlainText().isEmpty());
        studio.find<QPushButton>("resumeCrashed")->click(); // sixteen steps: over before one can
                                                            // look
        QTRY_VERIFY_WITH_TIMEOUT(
            QFile::exists(folder + QStringLiteral("/metrics.csv.0.old")), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        // Beside its curves the inspector goes on to show this run.
        const auto command = studio.find<QPlainTextEdit>("commandText")->toPlainText();
        QVERIFY2(command.contains(folder + QStringLiteral("/config.json")), qPrintable(command));
        QVERIFY(studio.find<QPushButton>("copyCommandButton")->isEnabled());
        QVERIFY(studio.find<QAction>("copyCommand")->isEnabled());
        QVERIFY(studio.find<QPlainTextEdit>("inspectorJson")
                ->toPlainText()
                .contains(QStringLiteral("max_epochs")));
    }

    void aBranchIsARunOfItsOwn()
    {
        StudioWindow studio;
        const auto parent = finishedRun(studio);
        const auto before = studio.read(QStringLiteral("metrics.csv"));
        pick(studio, "checkpointView", QStringLiteral("epoch="));
        studio.find<QPushButton>("branchCheckpoint")->click();
        auto* accept = studio.find<QPushButton>("branchAccept");
        for (const auto* part : {"weights", "optimizer", "lr_scheduler", "loops"})
            studio.find<QCheckBox>(part)->setChecked(false);
        QVERIFY(!accept->isEnabled()); // nothing at all is no branch
        for (const auto* part : {"weights", "optimizer", "loops"})
            studio.find<QCheckBox>(part)->setChecked(true);
        accept->click();
        QTRY_VERIFY(
            studio.window->session().document().value(QStringLiteral("/ckpt_path")).has_value());
        QCOMPARE(studio.window->session()
                     .document()
                     .value(QStringLiteral("/ckpt_restore"))
                     .value_or(ui::Json())
                     .dump(),
            std::string(R"(["weights","optimizer","loops"])"));
        studio.window->session().document().setValue(QStringLiteral("/trainer/max_epochs"), 100);
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QVERIFY(studio.controller().folder() != parent);
        QVERIFY(studio.runJson().value(QStringLiteral("parent")).toString().startsWith(parent));
        QFile file(parent + QStringLiteral("/metrics.csv"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), before);
    }

    void looksIntoCheckpoints()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        auto* view = studio.find<QAbstractItemView>("checkpointView");
        QVERIFY(!studio.find<QToolButton>("moreOfCheckpoint")->isEnabled());
        pick(studio, "checkpointView", QStringLiteral("epoch="));
        QVERIFY(!studio.find<QAction>("compareCheckpoints")->isEnabled());
        studio.find<QAction>("showCheckpoint")->trigger();
        QTRY_VERIFY(studio.window->findChild<QPlainTextEdit*>(QStringLiteral("dialogText")));
        auto* text = studio.find<QPlainTextEdit>("dialogText");
        QVERIFY2(text->toPlainText().contains(QStringLiteral("net.0.weight: float32 [3, 4] norm")),
            qPrintable(text->toPlainText()));
        QVERIFY2(text->toPlainText().contains(QStringLiteral("seed_everything: 42")),
            qPrintable(text->toPlainText()));
        studio.find<QDialog>("textDialog")->close();
        QTRY_VERIFY(!studio.window->findChild<QDialog*>(QStringLiteral("textDialog")));

        view->selectAll();
        QVERIFY(view->selectionModel()->selectedRows().size() == 2);
        QVERIFY(!studio.find<QPushButton>("resumeCheckpoint")->isEnabled()); // of which one?
        studio.find<QAction>("compareCheckpoints")->trigger();
        QTRY_VERIFY(studio.window->findChild<QDialog*>(QStringLiteral("comparisonDialog")));
        const auto* model = studio.find<QAbstractItemView>("comparisonView")->model();
        QStringList places;
        for (int row = 0; row < model->rowCount(); ++row)
            places += model->index(row, 0).data().toString();
        // the best is also the last
        QVERIFY2(places.join(QLatin1Char(' ')).contains(QStringLiteral("last_is_due")),
            qPrintable(places.join(QLatin1Char(' '))));
        const auto heading = model->headerData(1, Qt::Horizontal).toString();
        QVERIFY2(!heading.isEmpty() && !heading.contains(QLatin1Char('/')), qPrintable(heading));
        studio.find<QDialog>("comparisonDialog")->close();

        auto* desk = studio.window->findChild<CheckpointDesk*>();
        const auto checkpoint = folder + QStringLiteral("/checkpoints/last.ckpt");
        const auto output = folder + QStringLiteral("/weights.safetensors");
        desk->exportTo(checkpoint, output);
        QTRY_VERIFY(QFileInfo(output).size() > 0);
        desk->exportTo(checkpoint, folder + QStringLiteral("/absent/weights.pt"));
        QTRY_VERIFY(studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("absent")));
    }

    void noSecondRunBesideTheFirst()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        startLong(studio);
        const auto rate = steeredRate(studio);
        studio.window->resumeRun(folder);
        QVERIFY(studio.find<QLabel>("noticeText")
                ->text()
                .contains(QStringLiteral("A run is in progress")));
        QCOMPARE(steeredRate(studio), rate);
        stopNow(studio);
    }

    void aDeletedRunIsGone()
    {
        StudioWindow studio;
        const auto folder = finishedRun(studio);
        QVERIFY(!folder.isEmpty());
        studio.open();
        pick(studio, "runsView", QStringLiteral("iris"));
        QTRY_COMPARE(shownMonitor(studio)->objectName(), QStringLiteral("pastMonitorView"));
        auto* runs = studio.window->findChild<ui::RunsPanel*>();
        Q_EMIT runs->deleteRequested({folder});
        QVERIFY(QFile::exists(folder)); // it asks first
        studio.find<QPushButton>("delete")->click();
        QTRY_VERIFY(!QFile::exists(folder));
        QTRY_COMPARE(studio.find<QAbstractItemView>("runsView")->model()->rowCount(), 0);
        QCOMPARE(shownMonitor(studio)->objectName(), QStringLiteral("monitorView"));
        // One that is on stays, whatever is asked.
        startLong(studio);
        const auto going = studio.controller().folder();
        Q_EMIT runs->deleteRequested({going});
        studio.find<QPushButton>("delete")->click();
        QTest::qWait(300);
        QVERIFY(QFile::exists(going + QStringLiteral("/config.json")));
        stopNow(studio);
    }

    void aFolderThatHangsHoldsNothingUp()
    {
        StudioWindow studio;
        const auto folder = stoppedRun(studio);
        QVERIFY(!folder.isEmpty());
        HangingFile file(folder + QStringLiteral("/metrics.csv"));
        QVERIFY(file.hangs());
        studio.window->resumeRun(folder); // comes back, and the window answers
        QTRY_VERIFY(studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("Reading")));
        QVERIFY(studio.isIdle());
        studio.window->openPreset(QStringLiteral("iris-linear"));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("3"));
        QVERIFY(studio.window->session().isModified());
        file.release();
        QTRY_COMPARE_WITH_TIMEOUT(studio.controller().phase(), RunPhase::Running, 30000);
        QVERIFY(file.wasRead);
        QCOMPARE(studio.controller().folder(), folder);
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
        stopNow(studio);
    }

    void anotherRunMayStartWhileAFolderHangs()
    {
        StudioWindow studio;
        const auto folder = stoppedRun(studio);
        HangingFile file(folder + QStringLiteral("/metrics.csv"));
        studio.window->resumeRun(folder);
        QTRY_VERIFY(studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("Reading")));
        const auto other = finishedRun(studio);
        QVERIFY(!other.isEmpty() && other != folder);
        QVERIFY(isLogged(studio, QStringLiteral("was not resumed: another run was started")));
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
        file.release();
        QTest::qWait(500);
        QVERIFY(studio.isIdle()); // it is too late for it
        QCOMPARE(studio.controller().folder(), other);
    }

    void aReadingThatHangsCanBeCancelled()
    {
        StudioWindow studio;
        const auto folder = stoppedRun(studio);
        HangingFile file(folder + QStringLiteral("/metrics.csv"));
        studio.window->resumeRun(folder);
        QTRY_VERIFY(studio.window->findChild<QPushButton*>(QStringLiteral("cancelResume")));
        studio.find<QPushButton>("cancelResume")->click();
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
        file.release();
        QTest::qWait(500);
        QVERIFY(studio.isIdle());
    }

    void theWindowClosesThoughAFolderHangs()
    {
        StudioWindow studio;
        const auto folder = stoppedRun(studio);
        HangingFile file(folder + QStringLiteral("/metrics.csv"));
        studio.window->resumeRun(folder);
        QTRY_VERIFY(studio.find<QLabel>("noticeText")->text().contains(QStringLiteral("Reading")));
        QVERIFY(studio.window->close());
        QElapsedTimer since;
        since.start();
        studio.window.reset();
        QVERIFY2(since.elapsed() < 5000, "nobody waits for the file");
        file.release(); // the thread still hung in it
        QVERIFY(file.wasRead);
    }

    void whatWasNotSavedCanBeBroughtBack()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        type(studio.field("/trainer/max_epochs"), QStringLiteral("7"));
        studio.window->openPreset(QStringLiteral("iris-linear"));
        studio.find<QPushButton>("bringBackConfig")->click();
        QCOMPARE(studio.window->session().preset(), QStringLiteral("digits-mlp"));
        const auto epochs = [&] {
            return studio.window->session()
                .document()
                .value(QStringLiteral("/trainer/max_epochs"))
                .value_or(Json());
        };
        QVERIFY(epochs() == Json(7));
        QVERIFY(studio.window->session().isModified());
        // And it is there after a restart, with its marks.
        QVERIFY(studio.window->close());
        studio.open();
        studio.window->restoreLastConfig();
        QVERIFY(epochs() == Json(7));
        QCOMPARE(studio.window->session().document().changes().size(), size_t(1));
        // Without changes nothing is asked or offered.
        studio.window->session().document().resetAll();
        studio.window->openPreset(QStringLiteral("iris-linear"));
        QVERIFY(!studio.find<QWidget>("noticeBar")->isVisible());
    }

    void brokenTextStartsNothing()
    {
        StudioWindow studio;
        studio.window->openPreset(QStringLiteral("digits-mlp"));
        auto* text = studio.find<QPlainTextEdit>("jsonText");
        studio.trigger("viewConfigure");
        const auto whole = text->toPlainText();
        text->setFocus();
        QTest::keyClick(text, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(text, QStringLiteral(" ]"));
        QTRY_VERIFY(!studio.find<QAction>("startRun")->isEnabled());
        QVERIFY(
            studio.find<QAction>("startRun")->toolTip().contains(QStringLiteral("cannot be read")));
        QVERIFY(!studio.field("/trainer/max_epochs")->isEnabled());
        QVERIFY(text->toPlainText() != whole); // what was typed stays
        QTest::keyClick(text, Qt::Key_Backspace);
        QTest::keyClick(text, Qt::Key_Backspace);
        QTRY_VERIFY(studio.find<QAction>("startRun")->isEnabled());
        QVERIFY(studio.field("/trainer/max_epochs")->isEnabled());
    }

    void aConfigTypedOntoAnEmptyDeskRuns()
    {
        StudioWindow source;
        source.window->openPreset(QStringLiteral("iris-linear"));
        const auto exported = source.path(QStringLiteral("iris.json"));
        source.window->exportConfig(exported);
        QFile file(exported);
        QVERIFY(file.open(QIODevice::ReadOnly));

        StudioWindow studio;
        studio.trigger("viewConfigure");
        studio.find<QPlainTextEdit>("jsonText")->setPlainText(QString::fromUtf8(file.readAll()));
        studio.start();
        QTRY_VERIFY_WITH_TIMEOUT(studio.controller().isActive(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(studio.isIdle(), 60000);
        QCOMPARE(
            studio.runJson().value(QStringLiteral("state")).toString(), QStringLiteral("finished"));
    }
};

LEYDEN_WIDGET_TEST(TestRunsAndDesk)
} // namespace tst_runs_and_desk

#include "tst_runs_and_desk.moc"
