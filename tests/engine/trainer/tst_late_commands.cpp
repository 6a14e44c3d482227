// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/lambda_callback.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/loggers/csv_logger.h"
#include "engine/trainer/replay_events.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

namespace tst_late_commands {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

constexpr int64_t batches = 5; // of an epoch

std::string bytes_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A fit of two epochs that sends its commands from hooks.
struct Fit
{
    using Hooks = std::function<LambdaHooks(RunControl&)>;

    RunControl control;
    EventList events;
    at::Tensor weights;
    std::optional<StopVerb> stopped_by;
    int64_t global_step = 0;
    bool has_unsaved = false;
    std::string failure;
    std::vector<std::string> done; ///< interventions

    struct More
    {
        fs::path checkpoint{};
        std::vector<ReplayedCommand> replay{};
        FileSystem* files = nullptr;
        std::optional<ModelCheckpointOptions> saves{};
        /// with each event, on the run's thread
        std::function<void(const RunEvent&, RunControl&)> heard{};
    };

    explicit Fit(const fs::path& folder, const Hooks& hooks = {}) : Fit(folder, hooks, More{}) { }
    Fit(const fs::path& folder, const Hooks& hooks, More more)
    {
        seed_everything(3);
        ScriptedModel model(0.5);
        MemoryData data(batches, 2);
        TrainerParts parts;
        parts.run_dir = folder;
        parts.resume_in_place = !more.checkpoint.empty();
        parts.control = &control;
        parts.observer = &events;
        if (more.heard)
            events.then = [this, heard = std::move(more.heard)](
                              const RunEvent& event) { heard(event, control); };
        parts.replay = std::move(more.replay);
        parts.files = more.files;
        parts.loggers.push_back(std::make_unique<CSVLogger>(CSVLoggerOptions{}));
        if (hooks)
            parts.callbacks.push_back(std::make_unique<LambdaCallback>(hooks(control)));
        if (more.saves)
            parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(*more.saves));
        TrainerOptions options;
        options.max_epochs = 2;
        options.log_every_n_steps = 1;
        options.enable_model_summary = false;
        options.enable_checkpointing = more.saves.has_value();
        Trainer trainer(options, std::move(parts));
        try {
            trainer.fit(model, data, more.checkpoint);
        } catch (const std::exception& error) {
            failure = error.what();
        }
        weights = model.parameters()[0].detach().clone();
        stopped_by = trainer.stopped_by();
        global_step = trainer.global_step();
        has_unsaved = trainer.has_unsaved_checkpoint();
        for (const auto& event : events.all<InterventionEvent>())
            done.push_back(event.event);
    }
};

/// As a replay of the run's events.jsonl gives them.
std::vector<ReplayedCommand> replay_of(const Fit& fit)
{
    std::vector<ReplayedCommand> commands;
    for (const auto& event : fit.events.all<InterventionEvent>()) {
        auto& one = commands.emplace_back();
        one.epoch = event.epoch;
        one.batch_idx = event.batch_idx;
        if (event.event == "checkpoint")
            one.command.emplace<CheckpointCommand>();
        else if (event.event == "validate")
            one.command.emplace<ValidateCommand>();
        else
            one.command.emplace<SetOptionCommand>(
                SetOptionCommand{event.option, std::stod(event.value)});
    }
    return commands;
}

/// Hooks that call with the optimizer steps so far.
LambdaHooks after_each_batch(std::function<void(int64_t)> then)
{
    LambdaHooks hooks;
    hooks.on_train_batch_end
        = [then = std::move(then)](Trainer& trainer, LightningModule&, const StateTree&,
              const Batch&, int64_t) { then(trainer.global_step()); };
    return hooks;
}

/// Pauses after step 3.
LambdaHooks paused_after_step_3(RunControl& control)
{
    return after_each_batch([&control](int64_t step) {
        if (step == 3)
            control.pause();
    });
}

const std::string* intervention_of(const RunEvent& event)
{
    const auto* done = std::get_if<InterventionEvent>(&event);
    return done ? &done->event : nullptr;
}

/// Sends it after step 2, when the disk is full, and after step 4, when there is room again.
std::function<LambdaHooks(RunControl&)> sent_at_a_full_disk(
    FaultyFileSystem& files, const RunCommand& command)
{
    return [&files, command](RunControl& control) {
        LambdaHooks hooks;
        hooks.on_train_batch_end = [&files, &control, command](Trainer& trainer, LightningModule&,
                                       const StateTree&, const Batch&, int64_t) {
            if (trainer.global_step() != 2 && trainer.global_step() != 4)
                return;
            trainer.wait_for_checkpoints(); // the one at the full disk has failed
            files.free_bytes = trainer.global_step() == 2 ? 0 : FaultyFileSystem::unlimited;
            control.send(command);
        };
        return hooks;
    };
}

const std::string failing = "on purpose";

} // namespace

/// What a person asks for where no batch follows is done, or it is said that it was not.
class TestLateCommands final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path root() const { return m_folder->path().toStdString(); }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void anEpochMoreCanBeAskedForWhenTheLastOneEnds()
    {
        const Fit fit(root() / "run", [](RunControl& control) {
            return LambdaHooks{.on_train_epoch_end = [&](Trainer& trainer, LightningModule&) {
                if (trainer.current_epoch() == 1) {
                    control.send(SetOptionCommand{"max_epochs", 3});
                    control.send(SetOptionCommand{"lr", 0.001});
                    control.send(ValidateCommand{});
                }
            }};
        });
        QCOMPARE(fit.global_step, 3 * batches);
        QCOMPARE(fit.done, (std::vector<std::string>{"set", "set", "validate"}));
        QVERIFY(fit.events.warnings("too late").empty());
        const Fit replayed(root() / "replayed", {}, {.replay = replay_of(fit)});
        QVERIFY(replayed.events.warnings("replay").empty());
        QVERIFY(replayed.weights.equal(fit.weights));
        QCOMPARE(bytes_of(root() / "replayed" / "metrics.csv"),
            bytes_of(root() / "run" / "metrics.csv"));
    }

    void aCheckpointBetweenTwoEpochsLosesNothing()
    {
        const Fit plain(root() / "plain");
        const Fit fit(root() / "run", [](RunControl& control) {
            return LambdaHooks{.on_train_epoch_end = [&](Trainer& trainer, LightningModule&) {
                if (trainer.current_epoch() == 0)
                    control.send(CheckpointCommand{});
            }};
        });
        QVERIFY(fit.weights.equal(plain.weights));
        const auto file = root() / "run" / "checkpoints" / "manual-epoch=1-step=5.ckpt";
        QVERIFY(fs::exists(file));
        // The event lies where the run goes on: it is carried out once more, not warned of.
        const Fit resumed(root() / "run", {}, {.checkpoint = file, .replay = replay_of(fit)});
        QCOMPARE(resumed.done, (std::vector<std::string>{"resume", "checkpoint"}));
        QVERIFY(resumed.events.warnings("replay").empty());
        QVERIFY(resumed.weights.equal(plain.weights));
        QCOMPARE(
            bytes_of(root() / "run" / "metrics.csv"), bytes_of(root() / "plain" / "metrics.csv"));
    }

    void validatesAndSavesWhileThePauseHolds()
    {
        const Fit plain(root() / "plain");
        int pauses = 0;
        std::vector<std::string> told; // interventions, rows of a validation, checkpoints
        const Fit fit(root() / "run", paused_after_step_3,
            {.heard = [&](const RunEvent& event, RunControl& control) {
                if (const auto* name = intervention_of(event)) {
                    told.push_back(*name);
                    if (*name == "pause" && ++pauses == 1)
                        control.send(ValidateCommand{});
                    else if (*name == "pause")
                        control.resume(); // a second pause inside the first: nobody would end it
                } else if (const auto* row = std::get_if<RowEvent>(&event)) {
                    const bool is_of_validation
                        = std::any_of(row->values.begin(), row->values.end(),
                            [](const auto& value) { return value.first == "val_loss"; });
                    if (is_of_validation && pauses == 1 && told.back() == "validate") {
                        told.push_back("val_loss");
                        control.send(CheckpointCommand{}); // only once the validation has its
                                                           // value
                    }
                } else if (const auto* saved = std::get_if<CheckpointEvent>(&event)) {
                    told.push_back(fs::path(saved->path).filename());
                    control.resume();
                }
            }});
        QCOMPARE(told,
            (std::vector<std::string>{"pause", "validate", "val_loss", "checkpoint",
                "manual-epoch=0-step=3.ckpt", "resume"}));
        for (const auto& event : fit.events.all<InterventionEvent>())
            QCOMPARE(event.global_step, int64_t(3));
        QVERIFY(fs::exists(root() / "run" / "checkpoints" / "manual-epoch=0-step=3.ckpt"));
        QVERIFY(fit.weights.equal(plain.weights)); // nothing of it changes what comes after
    }

    void endsAPausedValidation_data()
    {
        QTest::addColumn<bool>("is_interrupt");
        QTest::newRow("by an interrupt") << true;
        QTest::newRow("by a stop") << false;
    }
    void endsAPausedValidation()
    {
        QFETCH(const bool, is_interrupt);
        int batches_seen = 0;
        const Fit fit(root() / "run",
            [&](RunControl& control) {
                auto hooks = paused_after_step_3(control);
                hooks.on_validation_batch_end
                    = [&](Trainer& trainer, LightningModule&, const StateTree&, const Batch&,
                          int64_t, int64_t) {
                          if (!trainer.is_beside_the_run())
                              return;
                          ++batches_seen;
                          if (is_interrupt)
                              control.interrupt(15);
                          else if (batches_seen == 1)
                              control.send(StopCommand{StopVerb::AfterStep});
                      };
                return hooks;
            },
            {.heard = [pauses = 0](const RunEvent& event, RunControl& control) mutable {
                if (const auto* name = intervention_of(event); name && *name == "pause") {
                    if (++pauses == 1)
                        control.send(ValidateCommand{});
                    else
                        control.resume();
                }
            }});
        QCOMPARE(fit.global_step, int64_t(3));
        if (is_interrupt) {
            QVERIFY(!fit.failure.empty());
            QCOMPARE(batches_seen, 1); // at once
            QCOMPARE(fit.done, (std::vector<std::string>{"pause", "validate"}));
        } else { // as from any validation: once it has its values
            QCOMPARE(fit.failure, std::string());
            QCOMPARE(fit.done, (std::vector<std::string>{"pause", "validate", "stop"}));
            QVERIFY(fit.stopped_by == StopVerb::AfterStep);
        }
    }

    void savesAndValidatesThoughTrainingHasEnded()
    {
        const Fit plain(root() / "plain");
        const Fit fit(root() / "run", [](RunControl& control) {
            return LambdaHooks{.on_train_end = [&](Trainer&, LightningModule&) {
                control.send(SetOptionCommand{"lr", 0.5});
                control.send(CheckpointCommand{});
                control.send(ValidateCommand{});
                control.send(StopCommand{StopVerb::AfterEpoch});
            }};
        });
        QCOMPARE(fit.failure, std::string());
        QVERIFY(fs::exists(root() / "run" / "checkpoints" / "manual-epoch=2-step=10.ckpt"));
        QCOMPARE(fit.done, (std::vector<std::string>{"checkpoint", "validate"}));
        QCOMPARE(fit.events.warnings("lr = 0.5 came too late").size(), size_t(1));
        QCOMPARE(fit.events.warnings("the stop \"after epoch\" came too late").size(), size_t(1));
        QVERIFY(!fit.stopped_by); // it had ended by itself
        QVERIFY(fit.weights.equal(plain.weights));
        const auto rows = bytes_of(root() / "run" / "metrics.csv");
        // the validation's row
        QVERIFY(rows.size() > bytes_of(root() / "plain" / "metrics.csv").size());
        const Fit replayed(root() / "replayed", {}, {.replay = replay_of(fit)});
        QCOMPARE(bytes_of(root() / "replayed" / "metrics.csv"), rows);
        QCOMPARE(replayed.done, fit.done);
    }

    void savesAndStopsThoughTrainingHasEnded()
    {
        const Fit fit(root() / "run", [](RunControl& control) {
            return LambdaHooks{.on_train_end = [&](Trainer&, LightningModule&) {
                control.send(StopCommand{StopVerb::SaveAndStop});
            }};
        });
        QVERIFY(fs::exists(root() / "run" / "checkpoints" / "stopped.ckpt"));
        QVERIFY(fit.stopped_by == StopVerb::SaveAndStop);
    }

    void saysWhatTheEndOfTheRunLeftUndone_data()
    {
        QTest::addColumn<bool>("fails");
        QTest::newRow("a run that ends well") << false;
        QTest::newRow("a run that fails") << true;
    }
    void saysWhatTheEndOfTheRunLeftUndone()
    {
        QFETCH(const bool, fails);
        const Fit fit(root() / "run", [&](RunControl& control) {
            const auto send = [&] {
                control.send(SetOptionCommand{"patience", 7});
                control.send(CheckpointCommand{});
                control.send(ValidateCommand{});
                control.send(StopCommand{StopVerb::SaveAndStop});
                control.send(StopCommand{StopVerb::Discard});
            };
            LambdaHooks hooks;
            hooks.on_train_start = [&, fails](Trainer&, LightningModule&) {
                if (fails)
                    throw DataError(failing);
            };
            if (fails)
                hooks.on_exception
                    = [send](Trainer&, LightningModule&, const std::exception&) { send(); };
            else
                hooks.teardown = [send](Trainer&, LightningModule&, TrainerFn) { send(); };
            return hooks;
        });
        QCOMPARE(fit.failure, fails ? failing : std::string());
        QVERIFY(fit.done.empty());
        for (const auto* each :
            {"patience = 7", "checkpoint by hand", "validation by hand", "save and stop"})
            QCOMPARE(fit.events.warnings(std::string(each) + " came too late").size()
                    + fit.events.warnings(std::string(each) + "\" came too late").size(),
                size_t(1));
        // Discarding needs no run that is on; what failed stays, to be looked at.
        QVERIFY(fails ? !fit.stopped_by : fit.stopped_by == StopVerb::Discard);
        QCOMPARE(fit.events.warnings("\"discard\" came too late").size(), size_t(fails ? 1 : 0));
    }

    void saysWhichEventsOfAReplayLieBehindTheEnd()
    {
        std::vector<ReplayedCommand> replay(2);
        for (auto& each : replay) {
            each.batch_idx = 2;
            each.command.emplace<SetOptionCommand>(SetOptionCommand{"lr", 0.01});
        }
        replay[1].epoch = 7;
        const Fit fit(root() / "run", {}, {.replay = replay});
        QCOMPARE(fit.done.size(), size_t(1));
        QCOMPARE(fit.events.warnings("1 of 2 events belong behind the end").size(), size_t(1));
    }

    void aFullDiskAtACheckpointByHandEndsNoRun()
    {
        FaultyFileSystem files;
        const Fit fit(
            root() / "run", sent_at_a_full_disk(files, CheckpointCommand{}), {.files = &files});
        QCOMPARE(fit.failure, std::string());
        QCOMPARE(fit.global_step, 2 * batches);
        QCOMPARE(fit.events.warnings("a checkpoint could not be written, training goes on").size(),
            size_t(1));
        QVERIFY(!fs::exists(root() / "run" / "checkpoints" / "manual-epoch=0-step=2.ckpt"));
        QVERIFY(fs::exists(root() / "run" / "checkpoints" / "manual-epoch=0-step=4.ckpt"));
        QVERIFY(!fit.has_unsaved);
    }

    void doesNotStopWhatItCannotSave()
    {
        FaultyFileSystem files;
        const Fit fit(root() / "run",
            sent_at_a_full_disk(files, StopCommand{StopVerb::SaveAndStop}), {.files = &files});
        QCOMPARE(fit.failure, std::string());
        QCOMPARE(fit.done, (std::vector<std::string>{"stop_failed", "stop"}));
        QCOMPARE(fit.global_step, int64_t(4));
        QVERIFY(fit.stopped_by == StopVerb::SaveAndStop);
        QCOMPARE(
            fit.events.warnings("without its checkpoint the run is not stopped").size(), size_t(1));
        QVERIFY(fs::exists(root() / "run" / "checkpoints" / "stopped.ckpt"));
        QVERIFY(parse_events("{\"event\": \"stop_failed\", \"epoch\": 0, \"batch_idx\": 1, "
                             "\"value\": \"save_and_stop\"}\n")
                .empty()); // what failed is not done again
    }

    void tellsHowFarAFailedRunCame()
    {
        const Fit fit(root() / "run", [](RunControl&) {
            return after_each_batch([](int64_t step) {
                if (step == 7)
                    throw DataError(failing);
            });
        });
        QCOMPARE(fit.failure, failing);
        const auto progress = fit.events.all<ProgressEvent>();
        QVERIFY(!progress.empty());
        QCOMPARE(progress.back().global_step, int64_t(7));
        QCOMPARE(progress.back().epoch, int64_t(1));
    }

    void aLastCheckpointOfAStoppedRunKnowsItsPlaceInTheData()
    {
        ModelCheckpointOptions saves;
        saves.save_last = true;
        saves.every_n_epochs = 100; // so that it is written at the end of training
        const Fit whole(root() / "whole", {}, {.saves = saves});
        const Fit stopped(root() / "run",
            [](RunControl& control) {
                return after_each_batch([&](int64_t step) {
                    if (step == 2)
                        control.send(StopCommand{StopVerb::AfterStep});
                });
            },
            {.saves = saves});
        QCOMPARE(stopped.global_step, int64_t(2));
        const auto last = root() / "run" / "checkpoints" / "last.ckpt";
        QVERIFY(fs::exists(last));
        const Fit resumed(root() / "run", {}, {.checkpoint = last, .saves = saves});
        QCOMPARE(resumed.failure, std::string());
        QVERIFY(resumed.weights.equal(whole.weights));
        QCOMPARE(
            bytes_of(root() / "run" / "metrics.csv"), bytes_of(root() / "whole" / "metrics.csv"));
    }
};

LEYDEN_TEST(TestLateCommands)
} // namespace tst_late_commands

#include "tst_late_commands.moc"
