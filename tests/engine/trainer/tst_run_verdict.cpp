// SPDX-License-Identifier: GPL-3.0-or-later
// What run.json says about how the training went, and times.csv about when its rows were logged.
#include "engine/config/run_config.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/row_times.h"
#include "engine/trainer/run_session.h"
#include "tests/support/event_list.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/test_program.h"

#include <QStringList>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <functional>

namespace tst_run_verdict {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

struct RowTime
{
    int row = -1;
    double wall = 0.0;
    double active = 0.0;
};

QStringList linesOf(const fs::path& file)
{
    return QString::fromStdString(FileSystem::local().read(file))
        .split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

QList<RowTime> timesOf(const fs::path& folder)
{
    QList<RowTime> times;
    for (const auto& line : linesOf(folder / "times.csv").mid(1)) {
        const auto cells = line.split(QLatin1Char(','));
        if (cells.size() == 3)
            times += {cells[0].toInt(), cells[1].toDouble(), cells[2].toDouble()};
    }
    return times;
}

} // namespace

class TestRunVerdict final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path root() const { return m_folder->path().toStdString(); }

    RunOutcome run(std::vector<ConfigOverride> overrides, const fs::path& run_dir,
        const std::function<void(RunRequest&)>& adjust = {}) const
    {
        overrides.insert(overrides.begin(), {"trainer.max_epochs", "3"});
        const fs::path source(LEYDEN_SOURCE_DIR);
        RunRequest request;
        request.config = load_run_config(source / "presets" / "iris-linear.json", overrides,
            builtin_registry(), {source / "presets", source / "resources"});
        request.output_root = root();
        request.run_dir = run_dir;
        if (adjust)
            adjust(request);
        return execute_run(request, builtin_registry());
    }
    Json run_json(const fs::path& folder) const
    {
        return Json::parse(FileSystem::local().read(folder / "run.json"));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void saysHowTheTrainingWent_data()
    {
        QTest::addColumn<QString>("override");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("outcome");
        QTest::newRow("to its end") << "trainer.max_epochs" << "2" << "completed";
        QTest::newRow("to its last step") << "trainer.max_steps" << "8" << "completed";
        QTest::newRow("no improvement counts")
            << "trainer.callbacks"
            << "[{\"class_path\": \"EarlyStopping\", \"init_args\": {\"monitor\": \"val_loss\", "
               "\"patience\": 0, \"min_delta\": 1000}}]"
            << "stopped_early";
        QTest::newRow("learning rate far too high")
            << "optimizer.init_args.lr" << "1e38" << "diverged";
        QTest::newRow("threshold")
            << "trainer.callbacks"
            << "[{\"class_path\": \"EarlyStopping\", \"init_args\": {\"monitor\": \"val_loss\", "
               "\"divergence_threshold\": 1e-9}}]"
            << "diverged";
    }
    void saysHowTheTrainingWent()
    {
        QFETCH(const QString, override);
        QFETCH(const QString, value);
        QFETCH(const QString, outcome);
        const auto end = run({{override.toStdString(), value.toStdString()}}, root() / "run");
        QCOMPARE(QString::fromStdString(end.outcome), outcome);
        QCOMPARE(QString::fromStdString(end.state), QStringLiteral("finished"));
        QCOMPARE(QString::fromStdString(run_json(root() / "run").at("outcome").get<std::string>()),
            outcome);
        QVERIFY(run_json(root() / "run").at("checkpoint_saved").get<bool>());
    }

    void aRunThatWasStoppedHasNoOutcome()
    {
        RunControl control;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<RowEvent>(event))
                control.send(StopCommand{StopVerb::AfterStep});
        };
        const auto end
            = run({{"trainer.log_every_n_steps", "1"}}, root() / "run", [&](RunRequest& request) {
                  request.control = &control;
                  request.observer = &listener;
              });
        QCOMPARE(end.state, std::string("stopped"));
        QCOMPARE(end.outcome, std::string());
        QVERIFY(run_json(root() / "run").at("outcome").is_null());
    }

    void saysWhetherTheModelWasSaved()
    {
        const auto bare
            = run({{"trainer.enable_checkpointing", "false"}, {"trainer.callbacks", "[]"}},
                root() / "bare");
        QCOMPARE(bare.exit_code, 0);
        QVERIFY(run_json(root() / "bare").at("checkpoint_saved").is_null()); // nobody asked
        FaultyFileSystem files;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<RowEvent>(event))
                files.free_bytes = 0;
        };
        const auto full
            = run({{"trainer.log_every_n_steps", "1"}}, root() / "full", [&](RunRequest& request) {
                  request.observer = &listener;
                  request.files = &files;
              });
        QCOMPARE(full.exit_code, 1);
        QVERIFY(full.checkpoint_saved == std::optional(false));
        QVERIFY(!listener.all<SavingEvent>().empty());
        QVERIFY(listener.all<SavingEvent>().front().is_failing);
    }

    void keepsTheTimesOfItsRows()
    {
        const auto folder = root() / "run";
        QCOMPARE(run({{"trainer.log_every_n_steps", "1"}}, folder).exit_code, 0);
        QCOMPARE(linesOf(folder / "times.csv").first(), QStringLiteral("row,wall_s,active_s"));
        const auto times = timesOf(folder);
        QCOMPARE(times.size(), linesOf(folder / "metrics.csv").size() - 1);
        double last = 0.0;
        for (int row = 0; row < times.size(); ++row) {
            QCOMPARE(times[row].row, row);
            QVERIFY(times[row].wall >= last && times[row].active <= times[row].wall);
            last = times[row].wall;
        }
        QVERIFY(last > 0.0);
    }

    void goesOnCountingWhereARunIsResumed()
    {
        const auto folder = root() / "run";
        const std::vector<ConfigOverride> each{{"trainer.log_every_n_steps", "1"},
            {"trainer.callbacks",
                "[{\"class_path\": \"ModelCheckpoint\", \"init_args\": {\"save_top_k\": -1, "
                "\"filename\": \"{epoch}\"}}]"}};
        QCOMPARE(run(each, folder).exit_code, 0);
        const auto before = timesOf(folder);
        auto again = each;
        again.emplace_back("ckpt_path", (folder / "checkpoints" / "epoch=0.ckpt").string());
        QCOMPARE(run(again, folder).exit_code, 0);
        QVERIFY(fs::exists(folder / "times.csv.0.old"));
        const auto after = timesOf(folder);
        QCOMPARE(after.size(), linesOf(folder / "metrics.csv").size() - 1);
        QCOMPARE(after.size(), before.size());
        const auto kept = after.size() / 3 - 1; // of the first epoch, but its last row
        QCOMPARE(after[kept - 1].wall, before[kept - 1].wall);
        for (int row = 1; row < after.size(); ++row) {
            QCOMPARE(after[row].row, row);
            QVERIFY(after[row].wall >= after[row - 1].wall);
        }
    }

    void aRowThatComesWhileOthersAreWrittenIsNotForgotten()
    {
        auto& files = FileSystem::local();
        files.write_atomic(root() / "times.csv", "row,wall_s,active_s\n0,1,1\n1,2,2\n2,3,3\n");
        RowTimes times;
        times.open(files, root(), true);
        auto nothing = times.take(); // the writer is at it
        times.add({.values = {}, .seconds = 0.5, .active_seconds = 0.25, .row = 2});
        times.put_back(std::move(nothing));
        auto waiting = times.take();
        times.write(files, waiting);
        QVERIFY(waiting.empty());
        QCOMPARE(linesOf(root() / "times.csv"),
            QStringList({QStringLiteral("row,wall_s,active_s"), QStringLiteral("0,1,1"),
                QStringLiteral("1,2,2"), QStringLiteral("2,2.500000,2.250000")}));
        QCOMPARE(linesOf(root() / "times.csv.0.old").size(), 4);
    }

    void aDiscardedRunTakesItsEmptySeriesAlong()
    {
        RunControl control;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<RowEvent>(event))
                control.send(StopCommand{StopVerb::Discard});
        };
        const auto discard = [&](RunRequest& request) {
            request.control = &control;
            request.observer = &listener;
        };
        const auto end = run({{"trainer.log_every_n_steps", "1"}}, {}, discard);
        QVERIFY(end.is_discarded);
        QVERIFY(!fs::exists(end.run_folder));
        QVERIFY(!fs::exists(end.run_folder.parent_path()));
        control.clear();
        QCOMPARE(run({}, {}).exit_code, 0); // and one that has company does not
        const auto second = run({{"trainer.log_every_n_steps", "1"}}, {}, discard);
        QVERIFY(second.is_discarded && !fs::exists(second.run_folder));
        QVERIFY(fs::exists(second.run_folder.parent_path()));
    }

    void aLaterStopLeavesAPausedRunPaused_data()
    {
        QTest::addColumn<int>("verb");
        QTest::newRow("after the next checkpoint") << int(StopVerb::AfterCheckpoint);
        QTest::newRow("after the epoch") << int(StopVerb::AfterEpoch);
    }
    void aLaterStopLeavesAPausedRunPaused()
    {
        QFETCH(const int, verb);
        RunControl control;
        EventList listener;
        QStringList order;
        listener.then = [&](const RunEvent& event) {
            const auto* done = std::get_if<InterventionEvent>(&event);
            if (std::holds_alternative<RowEvent>(event) && order.isEmpty()) {
                control.pause();
                order += QStringLiteral("paused");
            } else if (done && done->event == "pause") {
                control.send(StopCommand{StopVerb(verb)});
                control.send(SetOptionCommand{"max_epochs", 2}); // the command after it
            } else if (done && done->event == "set") {
                order += control.is_paused() ? QStringLiteral("holds") : QStringLiteral("goes on");
                control.resume();
            }
        };
        const auto end
            = run({{"trainer.log_every_n_steps", "1"}}, root() / "run", [&](RunRequest& request) {
                  request.control = &control;
                  request.observer = &listener;
              });
        QCOMPARE(order, QStringList({QStringLiteral("paused"), QStringLiteral("holds")}));
        QCOMPARE(end.state, std::string("stopped"));
    }

    void anEpochThatHasBegunIsPartOfWhatIsLeft()
    {
        RunControl control;
        EventList listener;
        bool isSet = false;
        listener.then = [&](const RunEvent& event) {
            const auto* row = std::get_if<RowEvent>(&event);
            if (row && row->epoch > 1.1 && row->epoch < 1.6 && !isSet) { // below the running one
                isSet = true;
                control.pause();
                control.send(SetOptionCommand{"max_epochs", 1});
            } else if (const auto* done = std::get_if<InterventionEvent>(&event);
                done && done->event == "set") {
                control.send(CheckpointCommand{}); // comes after the progress that is told now
            } else if (done && done->event == "checkpoint") {
                control.resume();
            }
        };
        const auto end
            = run({{"trainer.log_every_n_steps", "1"}}, root() / "run", [&](RunRequest& request) {
                  request.control = &control;
                  request.observer = &listener;
              });
        QCOMPARE(end.exit_code, 0);
        QVERIFY(isSet);
        const auto told = listener.all<ProgressEvent>();
        const auto found = std::find_if(told.begin(), told.end(), [](const ProgressEvent& each) {
            return each.max_epochs == 1 && each.epoch == 1 && each.batch < each.batches;
        });
        QVERIFY(found != told.end());
        QVERIFY(found->remaining_seconds > 0.0);
    }
};

LEYDEN_TEST(TestRunVerdict)
} // namespace tst_run_verdict

#include "tst_run_verdict.moc"
