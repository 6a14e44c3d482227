// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/generators.h"
#include "engine/loggers/csv_logger.h"
#include "engine/optim/step_lr.h"
#include "engine/precision/mixed_precision.h"
#include "engine/trainer/replay_events.h"
#include "engine/trainer/run_control.h"
#include "engine/trainer/run_steering.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace tst_resume {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

struct Case
{
    int64_t accumulate = 1;
    double val_check_interval = 1.0;
    double dropout = 0.0;
    bool shuffle = true;
    int64_t workers = 0;
    bool schedules = false;
    std::string precision = {};
};

std::string bytes_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// One fit in `folder`; from `checkpoint`, if it is not empty, in place.
struct Fit
{
    at::Tensor weights;
    EventList events;
    std::optional<StopVerb> stopped_by;
    bool was_interrupted = false;

    Fit(const Case& c, const fs::path& folder, const fs::path& checkpoint = {},
        RunControl* control = nullptr, const std::function<void(const RunEvent&)>& then = {},
        std::vector<ReplayedCommand> replay = {}, bool saves_all = true)
    {
        events.then = then;
        seed_everything(3);
        ScriptedModel model(c.dropout);
        if (c.schedules) {
            model.make_optimizers = [](ScriptedModel& m) {
                OptimizerSetup setup;
                setup.optimizers.push_back(
                    std::make_shared<SGD>(m.parameters(), SGDOptions{.lr = 0.05, .momentum = 0.9}));
                setup.lr_schedulers.push_back(
                    {.scheduler = std::make_shared<StepLR>(
                         *setup.optimizers[0], StepLROptions{.step_size = 2, .gamma = 0.7}),
                        .interval = "step",
                        .monitor = {},
                        .name = {}});
                return setup;
            };
        }
        MemoryData data(5, 2, 2, c.shuffle, c.workers);
        TrainerParts parts;
        parts.run_dir = folder;
        parts.resume_in_place = !checkpoint.empty();
        parts.control = control;
        parts.observer = &events;
        parts.replay = std::move(replay);
        CSVLoggerOptions logger;
        parts.loggers.push_back(std::make_unique<CSVLogger>(logger));
        EarlyStoppingOptions stopping;
        stopping.monitor = "val_loss";
        stopping.patience = 100;
        parts.callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
        if (saves_all) {
            ModelCheckpointOptions steps;
            steps.save_top_k = -1;
            steps.every_n_train_steps = 1;
            steps.filename = "{step}";
            parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(steps));
            ModelCheckpointOptions validations;
            validations.save_top_k = -1;
            validations.every_n_epochs = 1;
            validations.save_on_train_epoch_end = false;
            validations.filename = "val-{step}";
            parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(validations));
            ModelCheckpointOptions epochs;
            epochs.save_top_k = -1;
            epochs.monitor = "train_loss_epoch"; // another state key
            epochs.every_n_epochs = 1;
            epochs.save_on_train_epoch_end = true;
            epochs.filename = "epoch-{step}";
            epochs.enable_version_counter = false;
            parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(epochs));
        }
        TrainerOptions options;
        options.max_epochs = 3;
        options.log_every_n_steps = 1;
        options.accumulate_grad_batches = c.accumulate;
        options.val_check_interval = c.val_check_interval;
        options.enable_model_summary = false;
        options.enable_checkpointing = true;
        if (c.precision == "scaled") // falls back in the first steps, and grows again
            parts.precision = std::make_unique<MixedPrecision>(
                c10::kCPU, GradScalerOptions{.init_scale = std::exp2(127), .growth_interval = 3});
        else if (!c.precision.empty())
            options.precision = c.precision;
        Trainer trainer(options, std::move(parts));
        try {
            trainer.fit(model, data, checkpoint);
        } catch (const RunInterrupted&) {
            was_interrupted = true;
        }
        stopped_by = trainer.stopped_by();
        weights = model.parameters()[0].detach().clone();
    }
};

/// A copy of a run as it stood when `checkpoint` was written: the resumed run cuts what came later.
void copy_run(const fs::path& from, const fs::path& to)
{
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

} // namespace

/// A run that goes on from any checkpoint ends as the one that never stopped, bit for bit.
class TestResume final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(m_folder.isValid()); }

    void endsAsTheUninterruptedRun_data()
    {
        QTest::addColumn<int>("accumulate");
        QTest::addColumn<double>("interval");
        QTest::addColumn<double>("dropout");
        QTest::addColumn<bool>("shuffle");
        QTest::addColumn<int>("workers");
        QTest::addColumn<bool>("schedules");
        QTest::addColumn<QString>("precision");
        const auto plain = QString();
        QTest::newRow("plain") << 1 << 1.0 << 0.0 << true << 0 << false << plain;
        QTest::newRow("accumulation") << 3 << 1.0 << 0.0 << true << 0 << false << plain;
        QTest::newRow("validation inside the epoch")
            << 1 << 0.4 << 0.0 << true << 0 << false << plain;
        QTest::newRow("dropout") << 1 << 1.0 << 0.5 << true << 0 << false << plain;
        QTest::newRow("no shuffle") << 1 << 1.0 << 0.5 << false << 0 << false << plain;
        QTest::newRow("workers") << 1 << 0.4 << 0.5 << true << 2 << false << plain;
        QTest::newRow("schedule by step") << 2 << 0.4 << 0.5 << true << 0 << true << plain;
        for (const char* precision : {"bf16-mixed", "bf16-true", "scaled"})
            QTest::newRow(precision)
                << 3 << 0.4 << 0.5 << true << 0 << true << QString::fromLatin1(precision);
    }

    void endsAsTheUninterruptedRun()
    {
        QFETCH(const int, accumulate);
        QFETCH(const double, interval);
        QFETCH(const double, dropout);
        QFETCH(const bool, shuffle);
        QFETCH(const int, workers);
        QFETCH(const bool, schedules);
        QFETCH(const QString, precision);
        const Case c{
            accumulate, interval, dropout, shuffle, workers, schedules, precision.toStdString()};
        const auto base = fs::path(m_folder.path().toStdString()) / QTest::currentDataTag();
        const Fit whole(c, base / "whole");
        const auto rows = bytes_of(base / "whole" / "metrics.csv");
        QVERIFY(rows.size() > 100);

        std::vector<fs::path> checkpoints;
        for (const auto& entry : fs::directory_iterator(base / "whole" / "checkpoints"))
            checkpoints.push_back(entry.path());
        QVERIFY(checkpoints.size() >= 6);
        int agreed = 0;
        for (const auto& checkpoint : checkpoints) {
            copy_run(base / "whole", base / "again");
            const Fit resumed(
                c, base / "again", base / "again" / "checkpoints" / checkpoint.filename());
            const bool same_weights = resumed.weights.equal(whole.weights);
            const bool same_rows = bytes_of(base / "again" / "metrics.csv") == rows;
            QVERIFY2(same_weights, checkpoint.filename().c_str());
            QVERIFY2(same_rows,
                (checkpoint.filename().string() + "\n" + bytes_of(base / "again" / "metrics.csv")
                    + "\nexpected\n" + rows)
                    .c_str());
            ++agreed;
        }
        qInfo("%d of %d checkpoints", agreed, int(checkpoints.size()));
    }

    void goesOnAfterAnInterrupt_data()
    {
        QTest::addColumn<int>("event");
        for (int i = 0; i < 24; ++i)
            QTest::newRow(qPrintable(QStringLiteral("after row %1").arg(i))) << i;
    }

    void goesOnAfterAnInterrupt()
    {
        QFETCH(const int, event);
        const Case c{2, 0.4, 0.5, true, 0, true};
        const auto base
            = fs::path(m_folder.path().toStdString()) / ("interrupt-" + std::to_string(event));
        const Fit whole(c, base / "whole", {}, nullptr, {}, {}, false);
        const auto rows = bytes_of(base / "whole" / "metrics.csv");
        RunControl control;
        int seen = 0;
        const Fit cut(
            c, base / "cut", {}, &control,
            [&](const RunEvent& told) {
                if (std::holds_alternative<RowEvent>(told) && seen++ == event)
                    control.interrupt(2);
            },
            {}, false);
        if (!cut.was_interrupted) { // the last rows come when nothing is left to interrupt
            QVERIFY(seen > 10);
            QCOMPARE(bytes_of(base / "cut" / "metrics.csv"), rows);
            return;
        }
        const auto checkpoint = base / "cut" / "checkpoints" / "on_exception.ckpt";
        QVERIFY(fs::exists(checkpoint));
        const Fit resumed(c, base / "cut", checkpoint, nullptr, {}, {}, false);
        QVERIFY(resumed.weights.equal(whole.weights));
        QCOMPARE(bytes_of(base / "cut" / "metrics.csv"), rows);
        QVERIFY(!fs::exists(checkpoint));
    }

    void stopsInFiveWays_data()
    {
        QTest::addColumn<int>("verb");
        QTest::addColumn<int>("steps"); // optimizer steps of the run, stopped after the second
                                        // batch of five
        QTest::newRow("after step") << int(StopVerb::AfterStep) << 2;
        QTest::newRow("after epoch") << int(StopVerb::AfterEpoch) << 5;
        QTest::newRow("after checkpoint") << int(StopVerb::AfterCheckpoint) << 3;
        QTest::newRow("save and stop") << int(StopVerb::SaveAndStop) << 2;
        QTest::newRow("discard") << int(StopVerb::Discard) << 2;
    }

    void stopsInFiveWays()
    {
        QFETCH(const int, verb);
        QFETCH(const int, steps);
        const auto base
            = fs::path(m_folder.path().toStdString()) / ("stop-" + std::to_string(verb));
        RunControl control;
        int64_t last_step = 0;
        const Fit fit({}, base, {}, &control, [&](const RunEvent& told) {
            if (const auto* row = std::get_if<RowEvent>(&told)) {
                last_step = row->global_step;
                if (row->global_step == 2)
                    control.send(StopCommand{StopVerb(verb)});
            }
        });
        QCOMPARE(last_step, int64_t(steps));
        QCOMPARE(int(*fit.stopped_by), verb);
        QCOMPARE(fs::exists(base / "checkpoints" / "stopped.ckpt"),
            StopVerb(verb) == StopVerb::SaveAndStop);
        const auto told = fit.events.all<InterventionEvent>();
        QCOMPARE(told.size(), size_t(1));
        QCOMPARE(told[0].event, std::string("stop"));
        QCOMPARE(told[0].global_step, int64_t(2));
    }

    void replaysWhatAPersonDid()
    {
        const Case c{1, 0.4, 0.5, true, 0, true};
        const auto base = fs::path(m_folder.path().toStdString()) / "replay";
        const Fit plain(c, base / "plain", {}, nullptr, {}, {}, false);
        RunControl control;
        std::set<int64_t> done;
        const Fit steered(
            c, base / "steered", {}, &control,
            [&](const RunEvent& told) {
                const auto* row = std::get_if<RowEvent>(&told);
                if (!row || !done.insert(row->global_step).second)
                    return;
                if (row->global_step == 2)
                    control.send(SetOptionCommand{"lr", 0.001});
                if (row->global_step == 4)
                    control.send(SetOptionCommand{"gradient_clip_val", 0.1});
                if (row->global_step == 6)
                    control.send(ValidateCommand{});
                if (row->global_step == 8)
                    control.send(SetOptionCommand{"log_every_n_steps", 3});
                if (row->global_step == 9)
                    control.send(SetOptionCommand{"lr", -1}); // refused, no event
            },
            {}, false);
        QVERIFY(!steered.weights.equal(plain.weights));
        std::vector<ReplayedCommand> commands;
        for (const auto& event : steered.events.all<InterventionEvent>()) {
            ReplayedCommand command;
            command.epoch = event.epoch;
            command.batch_idx = event.batch_idx;
            if (event.event == "validate")
                command.command.emplace<ValidateCommand>();
            else
                command.command.emplace<SetOptionCommand>(
                    SetOptionCommand{event.option, std::stod(event.value)});
            commands.push_back(std::move(command));
        }
        QCOMPARE(commands.size(), size_t(4));
        const Fit replayed(c, base / "replayed", {}, nullptr, {}, commands, false);
        QVERIFY(replayed.weights.equal(steered.weights));
        QCOMPARE(bytes_of(base / "replayed" / "metrics.csv"),
            bytes_of(base / "steered" / "metrics.csv"));
    }

    void pausesAndGoesOnWithTheSameNumbers()
    {
        const Case c{1, 1.0, 0.5, true, 0, false};
        const auto base = fs::path(m_folder.path().toStdString()) / "pause";
        const Fit plain(c, base / "plain", {}, nullptr, {}, {}, false);
        RunControl control;
        std::jthread helper;
        const Fit paused(
            c, base / "paused", {}, &control,
            [&](const RunEvent& told) {
                if (const auto* row = std::get_if<RowEvent>(&told);
                    row && row->global_step == 3 && !helper.joinable())
                    control.pause();
                const auto* event = std::get_if<InterventionEvent>(&told);
                if (event && event->event == "pause")
                    helper = std::jthread([&control] { control.resume(); });
            },
            {}, false);
        const auto told = paused.events.all<InterventionEvent>();
        QCOMPARE(told.size(), size_t(2));
        QCOMPARE(told[0].event, std::string("pause"));
        QCOMPARE(told[1].event, std::string("resume"));
        QVERIFY(paused.weights.equal(plain.weights));
        QCOMPARE(
            bytes_of(base / "paused" / "metrics.csv"), bytes_of(base / "plain" / "metrics.csv"));
    }

    void holdsInsideAValidation()
    {
        RunControl control;
        EventList events;
        std::jthread helper;
        std::atomic<int> steps{0};
        int steps_at_resume = 0;
        events.then = [&](const RunEvent& told) {
            const auto* event = std::get_if<InterventionEvent>(&told);
            if (event && event->event == "pause" && !helper.joinable())
                helper = std::jthread([&] {
                    // waits for the validation's end
                    control.send(SetOptionCommand{"log_every_n_steps", 1.0});
                    control.send(CheckpointCommand{});
                    std::this_thread::sleep_for(std::chrono::milliseconds(200));
                    steps_at_resume = steps;
                    control.resume();
                });
        };
        ScriptedModel model;
        model.on_validation_step = [&](ScriptedModel&, int64_t) {
            if (++steps == 2)
                control.pause();
        };
        MemoryData data(5, 6);
        TrainerParts parts;
        parts.run_dir = fs::path(m_folder.path().toStdString()) / "hold";
        parts.control = &control;
        parts.observer = &events;
        TrainerOptions options;
        options.max_epochs = 2;
        options.num_sanity_val_steps = 0;
        options.enable_model_summary = false;
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, data);
        helper.join();
        QCOMPARE(steps_at_resume, 2);
        QCOMPARE(steps.load(), 12);
        std::vector<std::string> names;
        for (const auto& event : events.all<InterventionEvent>())
            names.push_back(event.event);
        QCOMPARE(names, (std::vector<std::string>{"pause", "resume", "set", "checkpoint"}));
    }

    void replaysAStopThatWasResumed()
    {
        const auto line = [](const char* event, const char* value) {
            return "{\"event\":\"" + std::string(event)
                + "\",\"epoch\":0,\"batch_idx\":2,\"value\":" + value + "}\n";
        };
        const auto stop = line("stop", "\"save_and_stop\"");
        QCOMPARE(parse_events(stop).size(), size_t(1));
        QCOMPARE(parse_events(stop + line("resume", "null")).size(), size_t(1)); // after a pause
        QCOMPARE(parse_events(stop + line("resume", "\"stopped.ckpt\"")).size(), size_t(0));
        QCOMPARE(parse_events(stop + line("resume", "\"stopped.ckpt\"") + stop).size(), size_t(1));
    }

private:
    QTemporaryDir m_folder;
};
LEYDEN_TEST(TestResume)
} // namespace tst_resume

#include "tst_resume.moc"
