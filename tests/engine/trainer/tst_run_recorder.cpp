// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_recorder.h"
#include "tests/support/event_list.h"
#include "tests/support/faulty_file_system.h"

#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <thread>

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
        QTRY_VERIFY(
            !keeper.warnings("cannot be written").empty());
        files.free_bytes = FaultyFileSystem::unlimited;
        recorder.on_event(urgent);
        QTRY_VERIFY(
            !keeper.warnings("can be written again").empty());
        recorder.close("finished", 0, "");
        const auto root = std::filesystem::path(folder.path().toStdString());
        QVERIFY(FileSystem::local().read(root / "log.txt").find("message 1") != std::string::npos);
        QCOMPARE(QString::fromStdString(FileSystem::local().read(root / "events.jsonl"))
                     .count(QLatin1String("checkpoint")),
            2);
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

QTEST_GUILESS_MAIN(TestRunRecorder)
#include "tst_run_recorder.moc"
