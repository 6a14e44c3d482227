// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_recorder.h"
#include "tests/support/event_list.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <thread>

namespace tst_run_recorder {
using namespace leyden;
using namespace leyden::test;

namespace {

MessageEvent message_of(int number)
{
    return {MessageEvent::Level::Info, "message " + std::to_string(number), 0.0};
}

} // namespace

/// RunRecorder and RunControl: what several threads touch.
class TestRunRecorder final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsWhatSeveralThreadsTell()
    {
        const QTemporaryDir folder;
        EventList keeper;
        RunRecorder recorder(FileSystem::local(), &keeper,
            Json{{"metrics", Json::object()}, {"warnings", Json::array()}});
        recorder.on_event(message_of(-1)); // before there is a folder
        recorder.open(folder.path().toStdString(), Json::object(), false, 0);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 3; ++thread) {
            threads.emplace_back([&recorder, thread] {
                for (int i = 0; i < 500; ++i) {
                    recorder.on_event(message_of(thread * 1000 + i));
                    RowEvent row;
                    row.values.emplace_back("loss", double(i));
                    row.global_step = i;
                    recorder.on_event(row);
                    InterventionEvent pause;
                    pause.event = i % 2 ? "resume" : "pause";
                    if (i % 50 == 0)
                        recorder.on_event(pause);
                }
            });
        }
        for (auto& thread : threads)
            thread.join();
        recorder.close("finished", 0, "");
        QCOMPARE(keeper.messages().size(), size_t(1501));
        const auto root = std::filesystem::path(folder.path().toStdString());
        const auto log = QString::fromStdString(FileSystem::local().read(root / "log.txt"));
        QCOMPARE(log.count(QLatin1String("message ")), 1501);
        const auto run = Json::parse(FileSystem::local().read(root / "run.json"));
        QCOMPARE(run.at("state").get<std::string>(), std::string("finished"));
        QCOMPARE(run.at("global_step").get<int>(), 499);
        QCOMPARE(QString::fromStdString(FileSystem::local().read(root / "events.jsonl"))
                     .count(QLatin1Char('\n')),
            30);
    }

    void writesLaterWhatCouldNotBeWritten()
    {
        const QTemporaryDir folder;
        FaultyFileSystem files;
        EventList keeper;
        RunRecorder recorder(files, &keeper, Json{{"warnings", Json::array()}});
        recorder.open(folder.path().toStdString(), Json::object(), false, 0);
        files.free_bytes = 0;
        InterventionEvent urgent;
        urgent.event = "checkpoint";
        recorder.on_event(message_of(1));
        recorder.on_event(urgent);
        QTRY_VERIFY(!keeper.warnings("cannot be written").empty());
        files.free_bytes = FaultyFileSystem::unlimited;
        recorder.on_event(urgent);
        QTRY_VERIFY(!keeper.warnings("can be written again").empty());
        recorder.close("finished", 0, "");
        const auto root = std::filesystem::path(folder.path().toStdString());
        QVERIFY(FileSystem::local().read(root / "log.txt").find("message 1") != std::string::npos);
        QCOMPARE(QString::fromStdString(FileSystem::local().read(root / "events.jsonl"))
                     .count(QLatin1String("checkpoint")),
            2);
    }

    void tellsOfTheCheckpointsThatAreThere()
    {
        const QTemporaryDir folder;
        const auto root = std::filesystem::path(folder.path().toStdString());
        const auto facts = Json{{"metrics", Json::object()}, {"warnings", Json::array()}};
        const auto checkpoint = [&](const char* name, double value, bool is_best) {
            FileSystem::local().write_atomic(root / name, "x");
            return CheckpointEvent{.path = (root / name).string(),
                .epoch = 1,
                .global_step = 20,
                .monitor = "acc",
                .monitor_value = value,
                .is_best = is_best};
        };
        const auto told = [&] { return Json::parse(FileSystem::local().read(root / "run.json")); };
        {
            RunRecorder recorder(FileSystem::local(), nullptr, facts);
            recorder.open(root, Json::object(), false, 0);
            recorder.on_event(checkpoint("a.ckpt", 0.5, true));
            recorder.on_event(checkpoint("b.ckpt", 0.25, false));
            recorder.on_event(checkpoint("c.ckpt", 0.75, true));
            recorder.on_event(CheckpointEvent{.path = (root / "a.ckpt").string(), .removed = true});
            recorder.close("stopped", 0, "");
        }
        QCOMPARE(told().at("checkpoints").size(), size_t(2));
        QCOMPARE(told().at("checkpoints").at("b.ckpt").at("global_step").get<int>(), 20);
        QCOMPARE(told().at("checkpoints").at("b.ckpt").at("value").get<double>(), 0.25);
        QCOMPARE(told().at("best").at("value").get<double>(), 0.75);
        QCOMPARE(told().at("best").at("metric").get<std::string>(), std::string("acc"));
        FileSystem::local().remove(root / "b.ckpt");
        RunRecorder recorder(FileSystem::local(), nullptr, facts);
        recorder.open(root, Json::object(), true, 20);
        recorder.close("finished", 0, "");
        QCOMPARE(told().at("checkpoints").size(), size_t(1)); // those of before that are still
                                                              // there
        QVERIFY(told().at("checkpoints").contains("c.ckpt"));
        QCOMPARE(told().at("best").at("value").get<double>(), 0.75);
    }

    void holdsThoughCommandsWait()
    {
        RunControl control;
        QVERIFY(!control.holds());
        control.pause();
        control.send(CheckpointCommand{});
        QVERIFY(control.holds());
        std::atomic<bool> is_over = false;
        std::thread run([&] {
            control.wait_while_held();
            is_over = true;
        });
        QTest::qWait(150);
        QVERIFY(!is_over);
        control.send(StopCommand{StopVerb::AfterStep}); // ends a pause
        run.join();
        QVERIFY(!control.holds());
        QCOMPARE(control.take().size(), size_t(2));
    }

    void takesCommandsWhilePaused()
    {
        RunControl control;
        std::vector<RunCommand> taken;
        std::thread run([&] {
            bool is_over = false;
            while (!is_over) {
                control.wait_while_paused();
                for (auto& command : control.take()) {
                    is_over = is_over || std::holds_alternative<StopCommand>(command);
                    taken.push_back(std::move(command));
                }
            }
        });
        control.pause();
        for (int i = 0; i < 100; ++i)
            control.send(SetOptionCommand{"lr", double(i)});
        control.send(StopCommand{StopVerb::AfterStep});
        control.resume();
        run.join();
        QCOMPARE(taken.size(), size_t(101));
        QCOMPARE(std::get<SetOptionCommand>(taken[99]).value, 99.0);
    }
};

LEYDEN_TEST(TestRunRecorder)
} // namespace tst_run_recorder

#include "tst_run_recorder.moc"
