// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/callback.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/checkpoint/weights_file.h"
#include "engine/config/config_file.h"
#include "engine/config/run_config.h"
#include "engine/core/generators.h"
#include "engine/optim/lr_scheduler.h"
#include "engine/optim/optimizer.h"
#include "engine/trainer/build_run.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/load_from_checkpoint.h"
#include "engine/trainer/run_session.h"
#include "tests/support/event_list.h"
#include "tests/support/state_text.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace tst_ckpt_restore {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

/// Where a training stands before its first step.
struct Start
{
    QByteArray weights;
    QByteArray moments;
    QByteArray schedule;
    QByteArray random;
    double lr = 0.0;
    int64_t epoch = -1;
    int64_t step = -1;
};

class StartWatch final : public Callback
{
public:
    explicit StartWatch(Start& start) : start_(start) { }
    std::string name() const override { return "StartWatch"; }
    void on_train_start(Trainer& trainer, LightningModule& module) override
    {
        const auto& optimizer = *trainer.optimizers().front();
        start_
            = {stateText(module.module_state_dict()), stateText(optimizer.state_dict().at("state")),
                stateText(trainer.lr_scheduler_configs().front().scheduler->state_dict()),
                stateText(generator_states()), optimizer.param_groups().front().lr,
                trainer.current_epoch(), trainer.global_step()};
    }

private:
    Start& start_;
};

} // namespace

/// ckpt_restore: a training that takes a part of a checkpoint.
class TestCkptRestore final : public QObject
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    fs::path m_checkpoint;

    fs::path root() const { return m_folder.path().toStdString(); }

    static RunConfig configOf(std::vector<ConfigOverride> overrides)
    {
        const std::vector<ConfigOverride> common
            = {{"optimizer", R"({"class_path": "AdamW", "init_args": {"lr": 0.1}})"},
                {"lr_scheduler",
                    R"({"class_path": "StepLR", "init_args": {"step_size": 1, "gamma": 0.5}})"}};
        overrides.insert(overrides.begin(), common.begin(), common.end());
        const fs::path source(LEYDEN_SOURCE_DIR);
        return load_run_config(source / "presets" / "iris-linear.json", overrides,
            builtin_registry(), {source / "presets", source / "resources"});
    }
    RunOutcome run(const std::vector<ConfigOverride>& overrides, const fs::path& runDir,
        RunObserver* observer = nullptr) const
    {
        RunRequest request;
        request.config = configOf(overrides);
        request.output_root = root();
        request.run_dir = runDir;
        request.observer = observer;
        return execute_run(request, builtin_registry());
    }
    Start startOf(const std::vector<std::string>& names, const fs::path& checkpoint) const
    {
        Start start;
        TrainerParts parts;
        parts.root = root();
        parts.restore = RestoreParts(names);
        parts.callbacks.push_back(std::make_unique<StartWatch>(start));
        const auto registry = builtin_registry(); // must outlive the run
        auto run = build_run(configOf({{"trainer.max_epochs", "5"}, {"trainer.logger", "false"}}),
            registry, std::move(parts), checkpoint);
        run.trainer->fit(*run.module, *run.data, checkpoint);
        return start;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(run({{"trainer.max_epochs", "2"}}, root() / "parent").exit_code, 0);
        m_checkpoint = root() / "parent" / "checkpoints" / "last.ckpt";
        QVERIFY(fs::exists(m_checkpoint));
    }

    void takesEachPartApart_data()
    {
        QTest::addColumn<bool>("weights");
        QTest::addColumn<bool>("optimizer");
        QTest::addColumn<bool>("lr_scheduler");
        QTest::addColumn<bool>("loops");
        for (int set = 1; set < 16; ++set)
            QTest::addRow("%d%d%d%d", set & 1, set >> 1 & 1, set >> 2 & 1, set >> 3 & 1)
                << bool(set & 1) << bool(set & 2) << bool(set & 4) << bool(set & 8);
    }
    void takesEachPartApart()
    {
        QFETCH(const bool, weights);
        QFETCH(const bool, optimizer);
        QFETCH(const bool, lr_scheduler);
        QFETCH(const bool, loops);
        std::vector<std::string> names;
        for (const auto& [wanted, name] :
            {std::pair(weights, "weights"), std::pair(optimizer, "optimizer"),
                std::pair(lr_scheduler, "lr_scheduler"), std::pair(loops, "loops")})
            if (wanted)
                names.emplace_back(name);
        const auto saved = load_checkpoint_file(FileSystem::local(), m_checkpoint);
        const auto fresh = startOf({}, {});
        const auto start = startOf(names, m_checkpoint);

        const auto expect
            = [](bool restored, const QByteArray& from_file, const QByteArray& new_one) {
                  return restored ? from_file : new_one;
              };
        const auto& optimizer_state = saved.at("optimizer_states").items().front();
        const auto& scheduler_state = saved.at("lr_schedulers").items().front();
        const auto saved_weights = stateText(saved.at("state_dict"));
        const auto saved_moments = stateText(optimizer_state.at("state"));
        const auto saved_schedule = stateText(scheduler_state);
        QVERIFY(saved_weights != fresh.weights && saved_moments != fresh.moments
            && saved_schedule != fresh.schedule);
        QCOMPARE(start.weights, expect(weights, saved_weights, fresh.weights));
        QCOMPARE(start.moments, expect(optimizer, saved_moments, fresh.moments));
        QCOMPARE(start.schedule, expect(lr_scheduler, saved_schedule, fresh.schedule));
        QCOMPARE(start.lr, lr_scheduler ? 0.025 : 0.1);
        QCOMPARE(start.epoch, loops ? int64_t(2) : int64_t(0));
        QCOMPARE(start.step, loops ? saved.at("global_step").to_int() : int64_t(0));
        if (loops)
            QCOMPARE(start.random, stateText(saved.at("leyden").at("random_states")));
        else
            QVERIFY(start.random != stateText(saved.at("leyden").at("random_states")));
    }

    void beginsANewRunThatNamesItsParent()
    {
        const auto outcome = run({{"trainer.max_epochs", "1"}, {"ckpt_path", m_checkpoint.string()},
                                     {"ckpt_restore", R"(["weights", "optimizer"])"}},
            root() / "branch");
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        const auto facts = read_config_file(root() / "branch" / "run.json");
        QCOMPARE(facts.at("parent").get<std::string>(), m_checkpoint.string());
        QCOMPARE(facts.at("epoch").get<int>(), 1); // of its own; the checkpoint had two
        QCOMPARE(read_config_file(root() / "branch" / "config.json").at("ckpt_restore").dump(),
            std::string(R"(["weights","optimizer"])"));
    }

    /// Its config.json gives the same run again, also after it was taken up in its own folder.
    void keepsInItsConfigWhatItBeganFrom()
    {
        const std::vector<ConfigOverride> begin
            = {{"trainer.max_epochs", "1"}, {"ckpt_path", m_checkpoint.string()},
                {"ckpt_restore", R"(["weights"])"}, {"strict_loading", "false"}};
        QCOMPARE(run(begin, root() / "kept").exit_code, 0);
        const auto resumed
            = run({{"trainer.max_epochs", "2"}, {"ckpt_path", "last"}}, root() / "kept");
        QVERIFY2(resumed.exit_code == 0, resumed.failure.c_str());
        const auto config = read_config_file(root() / "kept" / "config.json");
        QCOMPARE(config.at("ckpt_path").get<std::string>(), m_checkpoint.string());
        QCOMPARE(config.at("ckpt_restore").dump(), std::string(R"(["weights"])"));
        QCOMPARE(config.at("strict_loading").get<bool>(), false);
        QCOMPARE(config.at("trainer").at("max_epochs").get<int>(), 2);
    }

    void warnsOfPartsWithoutACheckpoint()
    {
        EventList listener;
        QCOMPARE(run({{"trainer.max_epochs", "1"}, {"ckpt_restore", R"(["weights"])"}},
                     root() / "fromNothing", &listener)
                     .exit_code,
            0);
        QCOMPARE(
            listener.warnings("ckpt_restore is not used: the run starts from no checkpoint").size(),
            size_t(1));
    }

    void takesTheNamesThatFitWhereLoadingIsNotStrict()
    {
        auto state = load_checkpoint_file(FileSystem::local(), m_checkpoint);
        auto weights = StateTree::dict();
        for (const auto& [key, value] : state.at("state_dict").entries()) {
            const auto& name = std::get<std::string>(key);
            weights.set(name.ends_with("bias") ? "other." + name : name, value);
        }
        state.set("state_dict", std::move(weights));
        const auto file = root() / "renamed.ckpt";
        save_checkpoint_file(FileSystem::local(), file, state);
        std::vector<ConfigOverride> overrides = {{"trainer.max_epochs", "1"},
            {"ckpt_path", file.string()}, {"ckpt_restore", R"(["weights"])"}};
        const auto refused = run(overrides, root() / "strict");
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(refused.failure.find("bias") != std::string::npos
                && refused.failure.find("strict_loading = false") != std::string::npos,
            refused.failure.c_str());
        overrides.push_back({"strict_loading", "false"});
        EventList listener;
        const auto trained = run(overrides, root() / "lax", &listener);
        QVERIFY2(trained.exit_code == 0, trained.failure.c_str());
        QVERIFY(!listener.warnings("bias").empty());
    }

    void saysTheSizeThatBatchSizeFinderFound()
    {
        const std::string callbacks = R"([{"class_path": "BatchSizeFinder"}])";
        QCOMPARE(
            run({{"trainer.max_epochs", "1"}, {"trainer.callbacks", callbacks}}, root() / "sized")
                .exit_code,
            0);
        const auto files = FileSystem::local().list(root() / "sized" / "checkpoints");
        QVERIFY(!files.empty());
        const auto saved = load_checkpoint_file(FileSystem::local(), files.front())
                               .at("datamodule_hyper_parameters");
        // the first power of two that takes the whole data
        QCOMPARE(saved.at("batch_size").to_int(), int64_t(128));
    }

    void namesInEachFileWhatModelAndDataAreMadeOf()
    {
        const auto state = load_checkpoint_file(FileSystem::local(), m_checkpoint);
        const auto config = configOf({});
        QCOMPARE(state.at("hparams_name").to_string(), std::string("kwargs"));
        QCOMPARE(state.at("datamodule_hparams_name").to_string(), std::string("kwargs"));
        const auto& hparams = state.at("datamodule_hyper_parameters");
        QCOMPARE(hparams.size(), config.data.init_args.size());
        QCOMPARE(
            hparams.at("path").to_string(), config.data.init_args.at("path").get<std::string>());
        QCOMPARE(hparams.at("batch_size").to_int(),
            config.data.init_args.at("batch_size").get<int64_t>());
    }

    void trainsFromWeightsAlone()
    {
        const auto weights = root() / "weights.safetensors";
        save_weights_file(FileSystem::local(), weights,
            load_checkpoint_file(FileSystem::local(), m_checkpoint).at("state_dict"),
            WeightsFormat::Safetensors);
        const std::vector<ConfigOverride> all
            = {{"trainer.max_epochs", "1"}, {"ckpt_path", weights.string()}};
        const auto refused = run(all, root() / "refused");
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(refused.failure.find("ckpt_restore = [\"weights\"]") != std::string::npos,
            refused.failure.c_str());
        auto some = all;
        some.push_back({"ckpt_restore", R"(["weights"])"});
        const auto trained = run(some, root() / "tuned");
        QVERIFY2(trained.exit_code == 0, trained.failure.c_str());
    }

    void takesAllOfItsOwnFolder()
    {
        QCOMPARE(run({{"trainer.max_epochs", "2"}}, root() / "own").exit_code, 0);
        EventList listener;
        const auto outcome = run({{"trainer.max_epochs", "3"}, {"ckpt_path", "last"},
                                     {"ckpt_restore", R"(["weights"])"}},
            root() / "own", &listener);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QVERIFY(!listener.warnings("ckpt_restore is not used").empty());
        QCOMPARE(read_config_file(root() / "own" / "run.json").at("epoch").get<int>(), 3);
        // It counts on: a limit of one epoch lies before the third, in which the file was taken.
        const auto done = run({{"trainer.max_epochs", "1"}, {"ckpt_path", "last"},
                                  {"ckpt_restore", R"(["weights"])"}},
            root() / "own");
        QVERIFY2(done.failure.find("the checkpoint has 3 epochs already") != std::string::npos,
            done.failure.c_str());
    }

    void goesOnFromTheNewestWholeOne()
    {
        QCOMPARE(run({{"trainer.max_epochs", "2"}}, root() / "torn").exit_code, 0);
        const auto checkpoints = root() / "torn" / "checkpoints";
        const auto whole = fs::file_size(checkpoints / "last.ckpt");
        fs::copy_file(checkpoints / "last.ckpt", checkpoints / "newer.ckpt");
        fs::resize_file(checkpoints / "newer.ckpt", whole / 2);
        std::ofstream(checkpoints / "newest.ckpt").flush(); // empty
        for (const auto& [name, later] : {std::pair("newer.ckpt", 5), std::pair("newest.ckpt", 9)})
            fs::last_write_time(
                checkpoints / name, fs::file_time_type::clock::now() + std::chrono::seconds(later));
        EventList listener;
        const auto outcome
            = run({{"trainer.max_epochs", "3"}, {"ckpt_path", "last"}}, root() / "torn", &listener);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        const auto warnings = listener.warnings("is the newest whole one, and is taken");
        QCOMPARE(warnings.size(), size_t(1));
        QVERIFY2(warnings.front().find("newest.ckpt': it is empty") != std::string::npos,
            warnings.front().c_str());
        QCOMPARE(read_config_file(root() / "torn" / "run.json").at("epoch").get<int>(), 3);

        // Where none is whole, an older run is not what was meant.
        for (const auto& file : fs::directory_iterator(checkpoints))
            fs::resize_file(file.path(), 100);
        const auto refused = run({{"ckpt_path", "last"}}, root() / "torn");
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(refused.failure.find("there is no whole checkpoint in") != std::string::npos,
            refused.failure.c_str());
    }

    void refusesTheStateOfAnotherOptimizer()
    {
        const std::vector<ConfigOverride> other
            = {{"trainer.max_epochs", "3"}, {"ckpt_path", m_checkpoint.string()},
                {"optimizer", R"({"class_path": "SGD", "init_args": {"lr": 0.1}})"}};
        const auto refused = run(other, root() / "other");
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(
            refused.failure.find(
                "SGD: the saved state is that of another optimizer (its groups have \"amsgrad\")")
                    != std::string::npos
                && refused.failure.find(m_checkpoint.string()) != std::string::npos,
            refused.failure.c_str());
        auto without = other;
        without.push_back({"ckpt_restore", R"(["weights", "loops"])"});
        const auto trained = run(without, root() / "without");
        QVERIFY2(trained.exit_code == 0, trained.failure.c_str());
    }

    void saysWhatANewerLightningMayHaveAdded()
    {
        auto state = load_checkpoint_file(FileSystem::local(), m_checkpoint);
        state.set("pytorch-lightning_version", "2.10.0");
        save_checkpoint_file(FileSystem::local(), root() / "newer.ckpt", state);
        EventList listener;
        const auto outcome
            = run({{"trainer.max_epochs", "3"}, {"ckpt_path", (root() / "newer.ckpt").string()}},
                root() / "from_newer", &listener);
        QVERIFY2(outcome.exit_code == 0, outcome.failure.c_str());
        QCOMPARE(listener.warnings("was written by Lightning 2.10.0; what came after 2.6.6").size(),
            size_t(1));
    }

    void namesTheFileWhoseContentDoesNotFit_data()
    {
        QTest::addColumn<QByteArray>("key");
        for (const auto* key :
            {"loops", "optimizer_states", "callbacks", "state_dict", "leyden", "CSVData"})
            QTest::newRow(key) << QByteArray(key);
    }
    void namesTheFileWhoseContentDoesNotFit()
    {
        QFETCH(const QByteArray, key);
        auto state = load_checkpoint_file(FileSystem::local(), m_checkpoint);
        auto odd = StateTree::dict({{"version", int64_t(1)}});
        state.set(key.toStdString(),
            key == "leyden" || key == "CSVData" ? std::move(odd) : StateTree("x"));
        const auto file = root() / "odd.ckpt";
        save_checkpoint_file(FileSystem::local(), file, state);
        const auto refused = run({{"trainer.max_epochs", "3"}, {"ckpt_path", file.string()}},
            root() / key.toStdString());
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(refused.failure.find("odd.ckpt") != std::string::npos, refused.failure.c_str());
    }

    void evaluatesWeightsAloneByTheirOwnConfig()
    {
        const std::string callbacks
            = R"([{"class_path": "ModelCheckpoint", "init_args": {"save_weights_only": true}}])";
        QCOMPARE(
            run({{"trainer.max_epochs", "1"}, {"trainer.callbacks", callbacks}}, root() / "slim")
                .exit_code,
            0);
        const auto files = FileSystem::local().list(root() / "slim" / "checkpoints");
        QCOMPARE(files.size(), size_t(1));
        const auto registry = builtin_registry();
        const auto built = load_from_checkpoint(
            files.front(), registry, {root(), fs::path(LEYDEN_SOURCE_DIR) / "resources"});
        QCOMPARE(stateText(built.module->module_state_dict()),
            stateText(load_checkpoint_file(FileSystem::local(), files.front()).at("state_dict")));

        RunRequest request;
        request.fn = TrainerFn::Validate;
        request.config = configOf({{"ckpt_path", "best"}});
        request.output_root = root();
        request.run_dir = root() / "slim";
        const auto refused = execute_run(request, registry);
        QCOMPARE(refused.exit_code, 3);
        QVERIFY2(refused.failure.find("do not say which one is best") != std::string::npos,
            refused.failure.c_str());
    }
};

LEYDEN_TEST(TestCkptRestore)
} // namespace tst_ckpt_restore

#include "tst_ckpt_restore.moc"
