// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/core/file_system.h"
#include "engine/profilers/simple_profiler.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_session.h"
#include "tests/support/event_list.h"
#include "tests/support/steered_clock.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace tst_profiler {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

QByteArray bytesOf(const fs::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Json casesOf(const char* name)
{
    return Json::parse(
        bytesOf(fs::path(LEYDEN_SOURCE_DIR) / "tests/data/profiler" / name).toStdString())
        .at("cases");
}

RunConfig configOf(const Json& document, const std::vector<ConfigOverride>& overrides)
{
    const fs::path source(LEYDEN_SOURCE_DIR);
    return load_run_config(document, "recorded", overrides, builtin_registry(),
        {source / "resources", source / "resources"});
}

/// How often each action of a report ran.
std::map<std::string, int64_t> callsOf(const QByteArray& report)
{
    std::map<std::string, int64_t> calls;
    for (const auto& line : QString::fromUtf8(report).split(QLatin1Char('\n'))) {
        const auto cells = line.split(QLatin1Char('|'));
        if (cells.size() == 7 && cells[1].trimmed() != QLatin1String("Action")
            && cells[1].trimmed() != QLatin1String("Total"))
            calls[cells[1].trimmed().toStdString()] = cells[3].trimmed().toLongLong();
    }
    return calls;
}

/// What Lightning calls and Leyden has not: hooks of a strategy in which nothing happens.
bool isEmptyHook(const std::string& action)
{
    return action.starts_with("[Strategy]SingleDeviceStrategy.on_");
}

/// Hooks that Lightning calls only where a class has its own.
bool isCalledWhereOverridden(const std::string& action)
{
    return action.ends_with(".prepare_data") || action.ends_with(".configure_model");
}

bool hasReport(const EventList& events)
{
    return !events.messages("FIT Profiler Report\n\n---").empty();
}

} // namespace

class TestProfiler final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path root() const { return m_folder->path().toStdString(); }

    RunOutcome run(TrainerFn fn, const std::string& profiler, EventList& events,
        std::vector<ConfigOverride> more = {}) const
    {
        more.push_back({"trainer.profiler", profiler});
        RunRequest request;
        request.fn = fn;
        request.config = configOf(casesOf("calls.json").front().at("config"), more);
        request.output_root = root();
        request.observer = &events;
        if (fn != TrainerFn::Predict)
            request.run_dir = root() / "run";
        return execute_run(request, builtin_registry());
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void writesLightningsTable()
    {
        const auto cases = casesOf("reports.json");
        QCOMPARE(cases.size(), size_t(6));
        for (const auto& each : cases) {
            SteeredClock clock;
            SimpleProfilerOptions options;
            options.extended = each.at("extended");
            SimpleProfiler profiler(options, clock);
            profiler.setup("fit");
            double measured = 0.0;
            const auto wait = [&](double seconds) {
                clock.advance(std::chrono::duration_cast<Clock::Duration>(
                    std::chrono::duration<double>(seconds)));
            };
            for (const auto& [action, durations] : each.at("durations").items()) {
                for (const double seconds : durations) {
                    profiler.start(action);
                    wait(seconds);
                    profiler.stop(action);
                    measured += seconds;
                }
            }
            wait(each.at("seconds").get<double>() - measured);
            QCOMPARE(QString::fromStdString(profiler.report()),
                QString::fromStdString(each.at("report")));
        }
    }

    void nestsAndRefusesWhatRunsAlready()
    {
        SteeredClock clock;
        SimpleProfiler profiler({}, clock);
        profiler.start("outer");
        profiler.start("inner");
        clock.advance(std::chrono::seconds(2));
        QVERIFY_THROWS_EXCEPTION(Error, profiler.start("inner"));
        profiler.stop("inner");
        profiler.stop("inner"); // was not begun
        clock.advance(std::chrono::seconds(1));
        profiler.stop("outer");
        QCOMPARE(profiler.actions().size(), size_t(2));
        QCOMPARE(profiler.actions()[0].name, std::string("inner"));
        QCOMPARE(profiler.actions()[0].calls, 1);
        QCOMPARE(profiler.actions()[0].seconds, 2.0);
        QCOMPARE(profiler.actions()[1].seconds, 3.0);
    }

    /// Every action of Lightning's runs, as often as there.
    void countsAsLightning()
    {
        qsizetype agreed = 0;
        for (const auto& each : casesOf("calls.json")) {
            const std::map<std::string, TrainerFn> verbs{{"fit", TrainerFn::Fit},
                {"validate", TrainerFn::Validate}, {"test", TrainerFn::Test},
                {"predict", TrainerFn::Predict}};
            const auto verb = each.at("verb").get<std::string>();
            const auto registry = builtin_registry();
            TrainerParts parts;
            parts.root = root();
            parts.run_dir = root() / verb;
            auto built = build_run(configOf(each.at("config"), {{"trainer.profiler", "simple"}}),
                registry, std::move(parts), {});
            auto& module = *built.module;
            switch (verbs.at(verb)) {
            case TrainerFn::Fit:
                built.trainer->fit(module, *built.data);
                break;
            case TrainerFn::Validate:
                built.trainer->validate(module, *built.data);
                break;
            case TrainerFn::Test:
                built.trainer->test(module, *built.data);
                break;
            case TrainerFn::Predict:
                built.trainer->predict(module, *built.data);
                break;
            }
            auto found = callsOf(bytesOf(root() / verb / "profiler" / (verb + ".txt")));
            for (const auto& [action, count] : each.at("calls").items()) {
                if (isEmptyHook(action))
                    continue;
                QVERIFY2(found.contains(action), action.c_str());
                QCOMPARE(found[action], count.get<int64_t>());
                found.erase(action);
                ++agreed;
            }
            for (const auto& [action, count] : found)
                QVERIFY2(isCalledWhereOverridden(action), action.c_str());
        }
        qInfo("agreed: %lld actions", qlonglong(agreed));
        QVERIFY(agreed > 150);
    }

    void reportsIntoLogAndRunFolder()
    {
        EventList events;
        QCOMPARE(run(TrainerFn::Fit, "simple", events).exit_code, 0);
        QVERIFY(hasReport(events));
        const auto report = bytesOf(root() / "run/profiler/fit.txt");
        QVERIFY(report.startsWith("FIT Profiler Report\n\n---"));
        QVERIFY(callsOf(report).contains("run_training_batch"));
    }

    void writesAFileOfItsOwnName()
    {
        EventList events;
        const auto profiler = Json{{"class_path", "SimpleProfiler"},
            {"init_args", {{"dirpath", "times"}, {"filename", "a:/b"}, {"extended", false}}}};
        QCOMPARE(run(TrainerFn::Fit, profiler.dump(), events).exit_code, 0);
        QVERIFY(!hasReport(events));
        QVERIFY(bytesOf(root() / "times/fit-a_b.txt").contains("|  run_training_epoch"));
        QVERIFY(!fs::exists(root() / "run/profiler"));
    }

    void hasOnlyTheLogWhereThereIsNoRunFolder()
    {
        EventList events;
        QCOMPARE(run(TrainerFn::Predict, "simple", events).exit_code, 0);
        QCOMPARE(events.messages("PREDICT Profiler Report\n").size(), size_t(1));
        QVERIFY(fs::is_empty(root()));
        QCOMPARE(
            run(TrainerFn::Fit, "simple", events, {{"trainer.fast_dev_run", "true"}}).exit_code, 0);
        QVERIFY(hasReport(events));
        QVERIFY(bytesOf(root() / "run/profiler/fit.txt").startsWith("FIT Profiler Report\n"));
    }

    void reportsARunThatWasInterrupted()
    {
        EventList events;
        RunControl control;
        events.then = [&](const RunEvent& event) {
            if (std::holds_alternative<RowEvent>(event))
                control.interrupt(SIGINT);
        };
        RunRequest request;
        request.config = configOf(
            casesOf("calls.json").front().at("config"), {{"trainer.profiler", "simple"}});
        request.run_dir = root() / "run";
        request.observer = &events;
        request.control = &control;
        QCOMPARE(execute_run(request, builtin_registry()).exit_code, 130);
        QVERIFY(hasReport(events));
    }

    /// The run went well: where its report cannot be written that is a warning, and the log has it.
    void warnsWhereTheReportCannotBeWritten()
    {
        std::ofstream(root() / "taken") << "a file";
        EventList events;
        const auto profiler = Json{{"class_path", "SimpleProfiler"},
            {"init_args", {{"dirpath", "taken"}, {"filename", "x"}}}};
        QCOMPARE(run(TrainerFn::Fit, profiler.dump(), events).exit_code, 0);
        QVERIFY(hasReport(events));
        QCOMPARE(
            events.warnings("the profiler's report could not be written, the log has it: ").size(),
            size_t(1));
    }
};
LEYDEN_TEST(TestProfiler)
} // namespace tst_profiler

#include "tst_profiler.moc"
