// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/config/run_config.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/run_session.h"
#include "tests/support/event_list.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QMap>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <future>
#include <stdexcept>
#include <system_error>

namespace tst_run_session {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

RunConfig config_of(std::vector<ConfigOverride> overrides)
{
    overrides.insert(overrides.begin(), {"trainer.max_epochs", "2"});
    const fs::path source(LEYDEN_SOURCE_DIR);
    return load_run_config(source / "presets" / "iris-linear.json", overrides, builtin_registry(),
        {source / "presets", source / "resources"});
}

} // namespace

/// What a run does to its folder, and when it keeps its hands off.
class TestRunSession final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path root() const { return m_folder->path().toStdString(); }

    RunOutcome run(TrainerFn fn, const std::vector<ConfigOverride>& overrides,
        const fs::path& run_dir, const std::function<void(RunRequest&)>& adjust = {}) const
    {
        RunRequest request;
        request.fn = fn;
        try {
            request.config = config_of(overrides);
        } catch (const std::exception& error) {
            RunOutcome refused;
            describe_failure(error, refused);
            return refused;
        }
        request.output_root = root();
        request.run_dir = run_dir;
        if (adjust)
            adjust(request);
        return execute_run(request, builtin_registry());
    }
    static QMap<QString, QByteArray> filesOf(const fs::path& folder)
    {
        QMap<QString, QByteArray> files;
        const QDir dir(QString::fromStdString(folder.string()));
        for (const auto& name : dir.entryList(QDir::Files | QDir::Hidden)) {
            QFile file(dir.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                files[name] = file.readAll();
        }
        return files;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void leavesAFolderAloneThatItCannotResume_data()
    {
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("weights do not fit")
            << QByteArray("model.init_args.hidden_sizes") << QByteArray("[3]");
        QTest::newRow("epochs are done") << QByteArray("trainer.max_epochs") << QByteArray("0");
        QTest::newRow("no such data")
            << QByteArray("data.init_args.path") << QByteArray("absent.csv");
    }
    void leavesAFolderAloneThatItCannotResume()
    {
        QFETCH(const QByteArray, option);
        QFETCH(const QByteArray, value);
        const auto folder = root() / "run";
        QCOMPARE(run(TrainerFn::Fit, {}, folder).exit_code, 0);
        const auto before = filesOf(folder);
        QVERIFY(before.contains(QStringLiteral("run.json")));

        const auto outcome = run(TrainerFn::Fit,
            {{option.toStdString(), value.toStdString()}, {"ckpt_path", "last"}}, folder);
        QVERIFY(outcome.exit_code == 2 || outcome.exit_code == 3);
        QVERIFY(!outcome.failure.empty());
        QCOMPARE(filesOf(folder), before);
    }

    void saysHowToGoOnWhereARunWasBefore()
    {
        const auto failure = [this](const char* folder) {
            return QString::fromStdString(run(TrainerFn::Fit, {}, root() / folder).failure);
        };
        QCOMPARE(run(TrainerFn::Fit, {}, root() / "done").exit_code, 0);
        QVERIFY2(failure("done").endsWith(QLatin1String("or go on with it by --ckpt_path last")),
            qPrintable(failure("done")));

        const auto checkpoint
            = FileSystem::local().list(root() / "done" / "checkpoints").front().string();
        QCOMPARE(run(TrainerFn::Fit,
                     {{"model.init_args.hidden_sizes", "[3]"}, {"ckpt_path", checkpoint}},
                     root() / "unfit")
                     .exit_code,
            3);
        QVERIFY2(failure("unfit").endsWith(QLatin1String("which has no checkpoint to go on from")),
            qPrintable(failure("unfit")));
    }

    void refusesAFolderWhereARunIsAlive()
    {
        const auto folder = root() / "run";
        EventList listener;
        RunOutcome second;
        RunOutcome resumed;
        int asked = 0;
        listener.then = [&](const RunEvent& event) {
            if (!std::holds_alternative<CheckpointEvent>(event) || asked++ > 0)
                return;
            second = run(TrainerFn::Fit, {}, folder);
            resumed = run(TrainerFn::Fit, {{"ckpt_path", "last"}}, folder);
        };
        const auto outcome = run(
            TrainerFn::Fit, {}, folder, [&](RunRequest& request) { request.observer = &listener; });
        QVERIFY(asked > 0);
        QCOMPARE(second.exit_code, 2);
        QCOMPARE(resumed.exit_code, 2);
        QVERIFY2(resumed.failure.find("writing there now") != std::string::npos,
            resumed.failure.c_str());
        QCOMPARE(outcome.exit_code, 0);
        QVERIFY(!fs::exists(folder / ".lock"));
    }

    void refusesTheSecondOfTwoThatBeginAtOnce()
    {
        const auto folder = root() / "run";
        fs::create_directories(folder);
        const auto lock
            = FileSystem::local().try_lock(folder / ".lock"); // the first one is a moment ahead
        QVERIFY(lock != nullptr);
        const auto outcome = run(TrainerFn::Fit, {}, folder);
        QCOMPARE(outcome.exit_code, 2);
        QVERIFY(!fs::exists(folder / "run.json"));
    }

    void deletesADiscardedRun()
    {
        const auto folder = root() / "run";
        fs::create_directories(folder);
        std::ofstream(folder / "mine.txt") << "not the run's";
        RunControl control;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<CheckpointEvent>(event))
                control.send(StopCommand{StopVerb::Discard});
        };
        const auto discard = [&](RunRequest& request) {
            request.control = &control;
            request.observer = &listener;
        };
        auto outcome = run(TrainerFn::Fit, {}, folder, discard);
        QCOMPARE(outcome.exit_code, 0);
        QCOMPARE(filesOf(folder).keys(), QStringList{QStringLiteral("mine.txt")});
        QVERIFY(!fs::exists(folder / "checkpoints"));

        control.clear();
        outcome = run(TrainerFn::Fit, {}, root() / "other", discard);
        QCOMPARE(outcome.exit_code, 0);
        QVERIFY(!fs::exists(root() / "other"));
    }

    void refusesAFolderWhoseNameIsNoUtf8()
    {
        const auto folder = root() / "r\xff";
        const auto outcome = run(TrainerFn::Fit, {}, folder);
        QCOMPARE(outcome.exit_code, 2);
        QVERIFY2(outcome.failure.find("UTF-8") != std::string::npos, outcome.failure.c_str());
        QVERIFY(!fs::exists(folder));
    }

    void findsCheckpointsInADirpathOfTheirOwn()
    {
        const auto elsewhere = (root() / "elsewhere").string();
        const std::vector<ConfigOverride> overrides{
            {"trainer.callbacks.1.init_args.dirpath", elsewhere}};
        QCOMPARE(run(TrainerFn::Fit, overrides, {}).exit_code, 0);
        QVERIFY(fs::exists(root() / "elsewhere" / "last.ckpt"));

        auto more = overrides;
        more.insert(more.end(), {{"ckpt_path", "last"}, {"trainer.max_epochs", "3"}});
        const auto resumed = run(TrainerFn::Fit, more, {});
        QVERIFY2(resumed.exit_code == 0, resumed.failure.c_str());
        const auto text = FileSystem::local().read(resumed.run_folder / "run.json");
        QCOMPARE(Json::parse(text).at("epoch").get<int>(), 3);

        auto best = overrides;
        best.push_back({"ckpt_path", "best"});
        QCOMPARE(run(TrainerFn::Validate, best, {}).exit_code, 0);
    }

    void keepsRunsWithADirpathApart()
    {
        const auto with = [&](const char* folder, const char* seed, const char* ckpt,
                              const char* epochs = "2") {
            std::vector<ConfigOverride> overrides{
                {"trainer.callbacks.1.init_args.dirpath", (root() / folder).string()},
                {"seed_everything", seed}, {"trainer.max_epochs", epochs}};
            if (ckpt)
                overrides.push_back({"ckpt_path", ckpt});
            return run(TrainerFn::Fit, overrides, {});
        };
        QCOMPARE(with("ck", "1", nullptr).exit_code, 0);
        const auto second = with("ck2", "2", nullptr);
        QCOMPARE(second.exit_code, 0);
        const auto resumed = with("ck", "1", "last", "3"); // the newest run is the second
        QVERIFY2(resumed.exit_code == 0, resumed.failure.c_str());
        QCOMPARE(resumed.run_folder, second.run_folder);
        const auto text = FileSystem::local().read(second.run_folder / "metrics.csv");
        QVERIFY(text.find("\r\n2,") != std::string::npos); // its third epoch
    }

    void takesUpARunThatWasKilledBeforeItsFirstCheckpoint()
    {
        const auto folder = root() / "run";
        QCOMPARE(run(TrainerFn::Fit, {}, folder).exit_code, 0);
        const auto whole = FileSystem::local().read(folder / "metrics.csv");
        fs::remove_all(folder / "checkpoints");
        std::ofstream(folder / ".x.ckpt.1-1.tmp") << "half";
        const auto outcome = run(TrainerFn::Fit, {{"ckpt_path", "last"}}, folder);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(FileSystem::local().read(folder / "metrics.csv"), whole);
        QCOMPARE(FileSystem::local().read(folder / "metrics.csv.0.old"), whole);
        QVERIFY(!fs::exists(folder / ".x.ckpt.1-1.tmp"));
    }

    void keepsAVersionThatIsNamed()
    {
        const std::vector<ConfigOverride> named{{"trainer.logger.0.init_args.version", "bar"}};
        const auto first = run(TrainerFn::Fit, named, {});
        QVERIFY2(first.exit_code == 0, first.failure.c_str());
        QCOMPARE(first.run_folder.filename(), fs::path("bar"));
        const auto before = filesOf(first.run_folder);
        QCOMPARE(run(TrainerFn::Fit, named, {}).exit_code, 2);
        QCOMPARE(filesOf(first.run_folder), before);

        auto more = named;
        more.insert(more.end(), {{"ckpt_path", "best"}});
        const auto validated = run(TrainerFn::Validate, more, {});
        QVERIFY2(validated.exit_code == 0, validated.failure.c_str());
        QCOMPARE(filesOf(first.run_folder), before);

        QCOMPARE(run(TrainerFn::Fit, {}, {}).exit_code, 0); // a newer run, of another version
        more.back() = {"ckpt_path", "last"};
        more.push_back({"trainer.max_epochs", "3"});
        const auto resumed = run(TrainerFn::Fit, more, {});
        QVERIFY2(resumed.exit_code == 0, resumed.failure.c_str());
        QCOMPARE(resumed.run_folder, first.run_folder);
    }

    void keepsOneOfTheFilesInSubfolders()
    {
        const auto folder = root() / "run";
        const std::vector<ConfigOverride> overrides{
            {"trainer.callbacks.1.init_args.filename", "sub/{epoch}"},
            {"trainer.callbacks.1.init_args.save_last", "null"}, {"trainer.max_epochs", "5"}};
        QCOMPARE(run(TrainerFn::Fit, overrides, folder).exit_code, 0);
        QCOMPARE(FileSystem::local().list(folder / "checkpoints" / "sub").size(), size_t(1));
        auto best = overrides;
        best.push_back({"ckpt_path", "best"});
        const auto outcome = run(TrainerFn::Validate, best, folder);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
    }

    void remembersTheBestOfARunThatWasMoved()
    {
        QCOMPARE(run(TrainerFn::Fit, {{"trainer.max_epochs", "4"}}, root() / "a").exit_code, 0);
        fs::rename(root() / "a", root() / "b");
        const auto files_before = FileSystem::local().list(root() / "b" / "checkpoints").size();
        const auto resumed = run(
            TrainerFn::Fit, {{"trainer.max_epochs", "8"}, {"ckpt_path", "last"}}, root() / "b");
        QVERIFY2(resumed.exit_code == 0, resumed.failure.c_str());
        // The best of before gave way to a better one, or stays the only one beside last.ckpt.
        QCOMPARE(FileSystem::local().list(root() / "b" / "checkpoints").size(), files_before);
    }

    void replaysWhatItReaches()
    {
        const auto event = [](int epoch, int batch, const char* lr) {
            return QStringLiteral(
                "{\"event\":\"set\",\"epoch\":%1,\"batch_idx\":%2,\"value\":{\"lr\":%3}}\n")
                .arg(epoch)
                .arg(batch)
                .arg(QLatin1String(lr))
                .toStdString();
        };
        std::ofstream(root() / "e.jsonl") << event(0, 999, "0.5") << event(1, 2, "0.25");
        QStringList set;
        EventList listener;
        listener.then = [&](const RunEvent& heard) {
            if (const auto* done = std::get_if<InterventionEvent>(&heard))
                set << QString::fromStdString(done->value);
        };
        const auto replay = [&](RunRequest& request) {
            request.replay_events = root() / "e.jsonl";
            request.observer = &listener;
        };
        QCOMPARE(run(TrainerFn::Fit, {}, {}, replay).exit_code, 0);
        QCOMPARE(set, QStringList{QStringLiteral("0.25")});
        QCOMPARE(listener.warnings("batch 999 of epoch 0").size(), size_t(1));

        for (const auto* bad : {"{}", "{\"lr\":1,\"patience\":2}", "7"}) {
            std::ofstream(root() / "e.jsonl", std::ios::trunc)
                << "{\"event\":\"set\",\"epoch\":0,\"batch_idx\":0,\"value\":" << bad << "}\n";
            QCOMPARE(run(TrainerFn::Fit, {}, {}, replay).exit_code, 2);
        }
    }

    void trainsOnWhenTheTraceCannotBeWritten()
    {
        FaultyFileSystem files;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<FolderEvent>(event))
                files.free_bytes = 3000; // enough to begin
            if (std::holds_alternative<EarlyStoppingEvent>(event))
                files.free_bytes = FaultyFileSystem::unlimited;
        };
        const auto outcome = run(TrainerFn::Fit, {{"data.init_args.batch_size", "1"}},
            root() / "run", [&](RunRequest& request) {
                request.trace_file = root() / "t.jsonl";
                request.observer = &listener;
                request.files = &files;
            });
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(listener.warnings("the trace ends here").size(), size_t(1));
    }

    void putsTheSystemsWordsIntoASentence()
    {
        const auto described = [](const std::exception& error) {
            RunOutcome outcome;
            describe_failure(error, outcome);
            return outcome;
        };
        const auto thread = described(
            std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again)));
        QCOMPARE(thread.exit_code, 1);
        QVERIFY2(thread.failure.starts_with(
                     "the system gave no further thread (Resource temporarily unavailable); lower "
                     "num_workers or num_threads"),
            thread.failure.c_str());
        const auto file = described(fs::filesystem_error(
            "status", "a/b", std::make_error_code(std::errc::permission_denied)));
        QCOMPARE(file.exit_code, 3);
        QCOMPARE(QString::fromStdString(file.failure),
            QStringLiteral("'a/b': Permission denied; check that it is there and its permissions"));
        const auto folder = described(fs::filesystem_error(
            "current_path", std::make_error_code(std::errc::no_such_file_or_directory)));
        QVERIFY2(folder.failure.starts_with("the working folder cannot be found ("),
            folder.failure.c_str());
        const auto size = described(std::length_error("vector::_M_default_append"));
        QVERIFY2(size.failure.starts_with("out of memory; "), size.failure.c_str());
    }

    void leavesFilesAloneThatBelongToNoRun_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const auto* name :
            {"config.json", "metrics.csv", "events.jsonl", "log.txt", "hparams.yaml"})
            QTest::newRow(name) << QByteArray(name);
    }
    void leavesFilesAloneThatBelongToNoRun()
    {
        QFETCH(const QByteArray, name);
        const auto folder = root() / "mine";
        fs::create_directories(folder);
        std::ofstream(folder / name.toStdString()) << "what a person wrote";
        const auto before = filesOf(folder);
        for (const auto fn : {TrainerFn::Fit, TrainerFn::Validate}) {
            const auto outcome = run(fn, {}, folder);
            QCOMPARE(outcome.exit_code, 2);
            QVERIFY2(
                outcome.failure.find("'" + name.toStdString() + "' in it that belongs to no run")
                    != std::string::npos,
                outcome.failure.c_str());
        }
        QCOMPARE(filesOf(folder), before);
    }
    void takesAFolderOfOtherFiles()
    {
        const auto folder = root() / "mine";
        fs::create_directories(folder);
        std::ofstream(folder / "notes.txt") << "what a person wrote";
        const auto outcome = run(TrainerFn::Fit, {}, folder);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(
            filesOf(folder).value(QStringLiteral("notes.txt")), QByteArray("what a person wrote"));
    }
    void discardsNoCheckpointThatWasThereBefore()
    {
        const auto folder = root() / "mine";
        fs::create_directories(folder / "checkpoints");
        std::ofstream(folder / "checkpoints" / "epoch=0-step=8.ckpt") << "of another";
        RunControl control;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<CheckpointEvent>(event))
                control.send(StopCommand{StopVerb::Discard});
        };
        const auto outcome
            = run(TrainerFn::Fit, {{"trainer.max_epochs", "5"}}, folder, [&](RunRequest& request) {
                  request.observer = &listener;
                  request.control = &control;
              });
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(FileSystem::local().list(folder / "checkpoints"),
            std::vector{folder / "checkpoints" / "epoch=0-step=8.ckpt"});
        QCOMPARE(FileSystem::local().list(folder), std::vector{folder / "checkpoints"});
    }
    void evaluatesNoRandomWeightsForARun()
    {
        const auto folder = root() / "ref";
        QCOMPARE(run(TrainerFn::Fit, {}, folder).exit_code, 0);
        const auto before = QDir(QString::fromStdString(root().string()))
                                .entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
        for (const auto fn : {TrainerFn::Validate, TrainerFn::Predict}) {
            const auto outcome = run(fn, {}, folder);
            QCOMPARE(outcome.exit_code, 2);
            QVERIFY2(outcome.failure.find("--ckpt_path best") != std::string::npos,
                outcome.failure.c_str());
        }
        QCOMPARE(QDir(QString::fromStdString(root().string()))
                     .entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
            before);
        QCOMPARE(run(TrainerFn::Validate, {{"ckpt_path", "best"}}, folder).exit_code, 0);
    }

    void saysThatThereIsNothingToEvaluate()
    {
        const auto outcome = run(TrainerFn::Test,
            {{"data.init_args.val_fraction", "0.2"}, {"data.init_args.test_fraction", "0"}}, {});
        QCOMPARE(outcome.exit_code, 2);
        QVERIFY2(outcome.failure.find("test_rows") != std::string::npos, outcome.failure.c_str());
    }

    void warnsOfUntrainedWeights()
    {
        EventList listener;
        QCOMPARE(run(TrainerFn::Validate, {}, {},
                     [&](RunRequest& request) { request.observer = &listener; })
                     .exit_code,
            0);
        QCOMPARE(listener.warnings("random first weights").size(), size_t(1));
    }

    void tellsOfEachChangeOfTheDisk()
    {
        FaultyFileSystem files;
        EventList listener;
        int epochs = 0;
        listener.then = [&](const RunEvent& event) {
            const auto* message = std::get_if<MessageEvent>(&event);
            if (std::holds_alternative<EarlyStoppingEvent>(event) && ++epochs == 1)
                files.free_bytes = 0;
            else if (message && message->text.starts_with("a checkpoint could not be written"))
                files.free_bytes = FaultyFileSystem::unlimited;
        };
        const auto outcome = run(TrainerFn::Fit, {{"trainer.max_epochs", "4"}}, root() / "run",
            [&](RunRequest& request) {
                request.observer = &listener;
                request.files = &files;
            });
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QVERIFY(!listener.warnings("a checkpoint could not be written, training goes on").empty());
        QVERIFY(!listener.warnings("checkpoints can be written again").empty());
        const auto run_json = Json::parse(FileSystem::local().read(root() / "run" / "run.json"));
        QCOMPARE(run_json.at("state").get<std::string>(), std::string("finished"));
        QVERIFY(run_json.at("warnings").size() >= 2);
    }

    void trainsOnWhileTheDiskIsSlow()
    {
        FaultyFileSystem files;
        EventList listener;
        std::promise<void> trained_on;
        auto may_go = trained_on.get_future().share();
        files.before_write = [&](const fs::path& file) {
            if (file.filename().string().starts_with("epoch=0"))
                may_go.wait(); // the first checkpoint is under way until the second epoch has ended
        };
        int epochs = 0;
        listener.then = [&](const RunEvent& event) {
            if (std::holds_alternative<EarlyStoppingEvent>(event) && ++epochs == 2)
                trained_on.set_value();
        };
        const auto outcome = run(TrainerFn::Fit, {{"trainer.max_epochs", "3"}}, root() / "run",
            [&](RunRequest& request) {
                request.observer = &listener;
                request.files = &files;
            });
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(epochs, 3);
    }

    void keepsTheLastGoodFileOfAFolderThatBecomesReadOnly()
    {
        FaultyFileSystem files;
        EventList listener;
        listener.then = [&](const RunEvent& event) {
            if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event);
                checkpoint && !checkpoint->removed)
                files.is_read_only = true;
        };
        const auto folder = root() / "run";
        const auto outcome
            = run(TrainerFn::Fit, {{"trainer.max_epochs", "4"}}, folder, [&](RunRequest& request) {
                  request.observer = &listener;
                  request.files = &files;
              });
        QCOMPARE(outcome.exit_code, 1);
        QVERIFY(!listener.warnings("a checkpoint could not be written, training goes on").empty());
        QCOMPARE(outcome.state, std::string("finished"));
        int readable = 0;
        for (const auto& entry : fs::directory_iterator(folder / "checkpoints")) {
            QVERIFY2(entry.path().extension() == ".ckpt", entry.path().c_str());
            load_checkpoint_file(FileSystem::local(), entry.path());
            ++readable;
        }
        QVERIFY(readable > 0);
    }

    void keepsTheCheckpointsOfANewerVersionApart()
    {
        const auto folder = root() / "run";
        QCOMPARE(run(TrainerFn::Fit, {}, folder).exit_code, 0);
        const auto file = folder / "checkpoints" / "last.ckpt";
        auto state = load_checkpoint_file(FileSystem::local(), file);
        auto own = state.at("leyden");
        own.set("version", int64_t(99));
        state.set("leyden", std::move(own));
        save_checkpoint_file(FileSystem::local(), file, state);
        const auto outcome = run(TrainerFn::Fit, {{"ckpt_path", file.string()}}, root() / "next");
        QCOMPARE(outcome.exit_code, 3);
        QVERIFY2(
            outcome.failure.find("newer Leyden") != std::string::npos, outcome.failure.c_str());
    }
};

LEYDEN_TEST(TestRunSession)
} // namespace tst_run_session

#include "tst_run_session.moc"
