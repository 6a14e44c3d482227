// SPDX-License-Identifier: GPL-3.0-or-later
// What callbacks promise to code: the order in which they are called, the bases to derive from, and
// the files and messages that no config shows.
#include "engine/callbacks/base_finetuning.h"
#include "engine/callbacks/base_prediction_writer.h"
#include "engine/callbacks/cpu_usage.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/lambda_callback.h"
#include "engine/callbacks/learning_rate_monitor.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/model_pruning.h"
#include "engine/callbacks/model_summary.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/callbacks/progress_bar_callback.h"
#include "engine/callbacks/timer.h"
#include "engine/callbacks/weight_averaging.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "tests/support/callback_case.h"
#include "tests/support/parts_model.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <ATen/ops/ones_like.h>
#include <torch/nn/modules/batchnorm.h>

#include <map>

namespace tst_callback_api {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

Json plainCase(int64_t maxEpochs = 2)
{
    return {{"optimizer", {{"class_path", "SGD"}, {"init_args", {{"lr", 0.1}}}}},
        {"callbacks", Json::array()}, {"trainer", {{"max_epochs", maxEpochs}}}};
}

TrainerOptions quietOptions(const fs::path& folder, int64_t maxEpochs = 2)
{
    TrainerOptions options;
    options.accelerator = "cpu";
    options.logger = false;
    options.enable_model_summary = false;
    options.enable_checkpointing = false;
    options.num_sanity_val_steps = 0;
    options.max_epochs = maxEpochs;
    options.default_root_dir = folder.string();
    return options;
}

class Named : public Callback
{
public:
    explicit Named(std::string name) : name_(std::move(name)) { }
    std::string name() const override { return name_; }

private:
    std::string name_;
};

class Tuner final : public Named
{
public:
    using Named::Named;
    bool is_tuner() const override { return true; }
};

QString namesOf(const Trainer& trainer)
{
    QStringList names;
    for (const auto& callback : trainer.callbacks())
        names << QString::fromStdString(callback->name());
    return names.join(QLatin1Char(' '));
}

/// Freezes batch norms too, and lets all go in epoch 1.
class FreezeAll final : public BaseFinetuning
{
public:
    std::string name() const override { return "FreezeAll"; }
    void freeze_before_training(LightningModule& module) override
    {
        auto& backbone = *dynamic_cast<PartsModel&>(module).backbone;
        freeze(backbone, /*train_bn=*/false);
        layers = flatten_modules(backbone).size();
        frozen = filter_params(backbone, true, false).size();
        frozen_without_norms = filter_params(backbone, false, false).size();
    }
    void finetune_function(LightningModule& module, int64_t epoch, Optimizer& optimizer) override
    {
        if (epoch == 1)
            unfreeze_and_add_param_group(*dynamic_cast<PartsModel&>(module).backbone, optimizer);
        rates.push_back(optimizer.param_groups().back().lr);
    }
    size_t layers = 0, frozen = 0, frozen_without_norms = 0;
    std::vector<double> rates;
};

class Writer final : public BasePredictionWriter
{
public:
    using BasePredictionWriter::BasePredictionWriter;
    std::string name() const override { return "Writer"; }
    void write_on_batch_end(Trainer&, LightningModule&, const StateTree& prediction,
        const BatchIndices& indices, const Batch&, int64_t batch_idx, int64_t) override
    {
        batches << QStringLiteral("%1: %2 rows of %3")
                       .arg(batch_idx)
                       .arg(prediction.tensor().size(0))
                       .arg(text(indices));
    }
    void write_on_epoch_end(Trainer&, LightningModule&,
        const std::vector<std::vector<StateTree>>& predictions,
        const std::vector<std::vector<BatchIndices>>& indices) override
    {
        for (size_t i = 0; i < predictions.at(0).size(); ++i)
            epoch << QStringLiteral("%1 of %2")
                         .arg(predictions[0][i].tensor().size(0))
                         .arg(text(indices.at(0).at(i)));
    }
    static QString text(const BatchIndices& indices)
    {
        QStringList words;
        for (const auto index : indices)
            words << QString::number(index);
        return words.join(QLatin1Char(','));
    }
    QStringList batches, epoch;
};

class ModelWithCallbacks final : public LightningModule
{
public:
    explicit ModelWithCallbacks(std::function<std::vector<std::unique_ptr<Callback>>()> make)
        : LightningModule("ModelWithCallbacks")
        , inner_(register_module("inner", std::make_shared<PartsModel>(plainCase())))
        , make_(std::move(make))
    {
    }
    std::vector<std::unique_ptr<Callback>> configure_callbacks() override { return make_(); }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        return inner_->head->forward(inner_->backbone->forward(batch[0].tensor())).sum();
    }
    bool has_validation_step() const override { return false; }
    OptimizerSetup configure_optimizers() override { return inner_->configure_optimizers(); }

private:
    std::shared_ptr<PartsModel> inner_;
    std::function<std::vector<std::unique_ptr<Callback>>()> make_;
};

} // namespace

class TestCallbackApi final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ordersCallbacksAsLightning()
    {
        TrainerParts parts;
        ModelCheckpointOptions best;
        best.monitor = "val_loss";
        for (const auto* name : {"A", "B"})
            parts.callbacks.push_back(std::make_unique<Named>(name));
        parts.callbacks.insert(
            parts.callbacks.begin() + 1, std::make_unique<ModelCheckpoint>(best));
        parts.callbacks.push_back(std::make_unique<Tuner>("Finder"));
        parts.callbacks.push_back(
            std::make_unique<OnExceptionCheckpoint>(OnExceptionCheckpointOptions{.dirpath = "x"}));
        parts.callbacks.push_back(std::make_unique<Named>("C"));
        auto options = quietOptions(folder());
        options.enable_checkpointing = true;
        options.enable_model_summary = true;
        options.max_time = TimeText(std::string("00:01:00:00"));
        const Trainer trainer(options, std::move(parts));
        QCOMPARE(namesOf(trainer),
            QStringLiteral(
                "Finder A B C Timer ModelSummary ModelCheckpoint OnExceptionCheckpoint"));
    }

    void addsACheckpointUnlessThereIsOneOfAnyKind()
    {
        auto options = quietOptions(folder());
        options.enable_checkpointing = true;
        QCOMPARE(namesOf(Trainer(options)), QStringLiteral("ModelCheckpoint"));
        TrainerParts parts;
        parts.callbacks.push_back(
            std::make_unique<OnExceptionCheckpoint>(OnExceptionCheckpointOptions{.dirpath = "x"}));
        QCOMPARE(
            namesOf(Trainer(options, std::move(parts))), QStringLiteral("OnExceptionCheckpoint"));
    }

    void addsNoSecondTimerAndNoSecondSummary()
    {
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        parts.callbacks.push_back(std::make_unique<Timer>(std::chrono::hours(1)));
        parts.callbacks.push_back(
            std::make_unique<ModelSummary>(ModelSummaryOptions{}, "RichModelSummary"));
        auto options = quietOptions(folder());
        options.enable_model_summary = true;
        options.max_time = TimeText(std::string("00:02:00:00"));
        const Trainer trainer(options, std::move(parts));
        QCOMPARE(namesOf(trainer), QStringLiteral("Timer RichModelSummary"));
        QCOMPARE(events.messages("max_time is ignored").size(), size_t(1));
    }

    void refusesTwoOfOneState()
    {
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<EMAWeightAveraging>());
        parts.callbacks.push_back(std::make_unique<EMAWeightAveraging>());
        QVERIFY_EXCEPTION_THROWN(
            Trainer(quietOptions(folder()), std::move(parts)), MisconfigurationError);
    }

    void takesTheModelsCallbacksInPlaceOfItsOwn()
    {
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        EarlyStoppingOptions stopping;
        stopping.monitor = "train_loss";
        parts.callbacks.push_back(std::make_unique<WeightAveraging>());
        parts.callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
        parts.callbacks.push_back(std::make_unique<LambdaCallback>(LambdaHooks{}));
        ModelWithCallbacks model([&] {
            std::vector<std::unique_ptr<Callback>> given;
            given.push_back(std::make_unique<EMAWeightAveraging>()); // a kind of WeightAveraging
            given.push_back(std::make_unique<Tuner>("Finder"));
            return given;
        });
        PartsData data(plainCase());
        Trainer trainer(quietOptions(folder(), 1), std::move(parts));
        // nobody logs train_loss
        QVERIFY_EXCEPTION_THROWN(trainer.fit(model, data), MisconfigurationError);
        QCOMPARE(namesOf(trainer),
            QStringLiteral("Finder EarlyStopping LambdaCallback EMAWeightAveraging"));
        QCOMPARE(events.messages("replaces that of the Trainer").size(), size_t(1));
    }

    void callsCallbacksInListOrderBeforeTheModel()
    {
        QStringList calls;
        const auto noting = [&](const char* name) {
            return std::make_unique<LambdaCallback>(
                LambdaHooks{.on_train_start = [&calls, name](Trainer&, LightningModule&) {
                    calls << QString::fromLatin1(name);
                }});
        };
        TrainerParts parts;
        parts.callbacks.push_back(noting("first"));
        parts.callbacks.push_back(noting("second"));
        PartsModel model(plainCase());
        PartsData data(plainCase());
        Trainer trainer(quietOptions(folder(), 1), std::move(parts));
        trainer.fit(model, data);
        QCOMPARE(calls.join(QLatin1Char(' ')), QStringLiteral("first second"));
    }

    void callsEveryFunctionOfALambdaCallback()
    {
        std::map<std::string, int> counts;
        LambdaHooks hooks;
        hooks.setup = [&](Trainer&, LightningModule&, TrainerFn) { ++counts["setup"]; };
        hooks.teardown = [&](Trainer&, LightningModule&, TrainerFn) { ++counts["teardown"]; };
        hooks.on_train_batch_end
            = [&](Trainer&, LightningModule&, const StateTree& outputs, const Batch&, int64_t) {
                  counts["batches"] += outputs.contains("loss");
              };
        hooks.on_before_optimizer_step = [&](Trainer&, LightningModule&, Optimizer& optimizer) {
            counts["steps of " + optimizer.name()]++;
        };
        hooks.on_before_zero_grad
            = [&](Trainer&, LightningModule&, Optimizer&) { ++counts["zero_grad"]; };
        hooks.on_before_backward = [&](Trainer&, LightningModule&, const at::Tensor& loss) {
            counts["losses"] += int(loss.numel());
        };
        hooks.on_validation_batch_end
            = [&](Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t, int64_t) {
                  ++counts["validation batches"];
              };
        hooks.on_save_checkpoint
            = [&](Trainer&, LightningModule&, StateTree& checkpoint) { checkpoint.set("mine", 7); };
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<LambdaCallback>(std::move(hooks)));
        PartsModel model(plainCase());
        PartsData data(plainCase());
        Trainer trainer(quietOptions(folder()), std::move(parts));
        trainer.fit(model, data);
        const std::map<std::string, int> expected{{"setup", 1}, {"teardown", 1}, {"batches", 10},
            {"steps of SGD", 10}, {"zero_grad", 10}, {"losses", 10}, {"validation batches", 4}};
        QVERIFY(counts == expected);
        QCOMPARE(trainer.dump_checkpoint().at("mine").to_int(), int64_t(7));
    }

    void savesWhereAnExceptionEndsAFit()
    {
        const auto place = folder();
        const auto file = place / "kept" / "crash.ckpt";
        const auto fit = [&](bool fails, const fs::path& from = {}) {
            TrainerParts parts;
            parts.callbacks.push_back(
                std::make_unique<OnExceptionCheckpoint>(OnExceptionCheckpointOptions{
                    .dirpath = (place / "kept").string(), .filename = "crash"}));
            LambdaHooks hooks;
            hooks.on_train_batch_end = [fails](Trainer& trainer, LightningModule&, const StateTree&,
                                           const Batch&, int64_t) {
                if (fails && trainer.global_step() == 7)
                    throw DataError("the data is gone");
            };
            parts.callbacks.push_back(std::make_unique<LambdaCallback>(std::move(hooks)));
            auto options = quietOptions(place);
            options.enable_checkpointing = true;
            seed_everything(3);
            PartsModel model(plainCase());
            PartsData data(plainCase());
            Trainer trainer(options, std::move(parts));
            trainer.fit(model, data, from);
            return plain(model.module_state_dict());
        };
        const auto whole = fit(false);
        QVERIFY(!fs::exists(file));
        QVERIFY_EXCEPTION_THROWN(fit(true), DataError);
        QVERIFY(fs::exists(file));
        QCOMPARE(
            load_checkpoint_file(FileSystem::local(), file).at("global_step").to_int(), int64_t(7));
        QVERIFY(fit(false, file) == whole); // goes on as if nothing had been
        QVERIFY(!fs::exists(file));         // removed where a fit ends well
    }

    void freezesAndLetsGo()
    {
        auto recorded = plainCase(3);
        recorded["model"] = {{"batch_norm", true}};
        recorded["optimizer"]["init_args"]["momentum"] = 0.9;
        PartsModel model(recorded);
        PartsData data(recorded);
        auto* norm = model.backbone[1]->as<torch::nn::BatchNorm1d>();
        std::vector<std::string> statistics; // at the end of each epoch
        std::vector<std::string> weights;
        LambdaHooks hooks;
        hooks.on_train_epoch_end = [&](Trainer&, LightningModule& module) {
            const auto state = plain(module.module_state_dict());
            statistics.push_back(state.at("backbone.1.running_mean").dump()
                + state.at("backbone.1.num_batches_tracked").dump());
            weights.push_back(
                state.at("backbone.0.weight").dump() + state.at("backbone.1.weight").dump());
        };
        TrainerParts parts;
        auto made = std::make_unique<FreezeAll>();
        const auto& callback = *made;
        parts.callbacks.push_back(std::move(made));
        parts.callbacks.push_back(std::make_unique<LambdaCallback>(std::move(hooks)));
        Trainer trainer(quietOptions(folder(), 3), std::move(parts));
        const auto before = plain(model.module_state_dict());
        trainer.fit(model, data);
        QCOMPARE(callback.layers, size_t(3)); // Linear, BatchNorm1d, Tanh; not the Sequential
        QCOMPARE(callback.frozen, size_t(4));
        QCOMPARE(callback.frozen_without_norms, size_t(2));
        QCOMPARE(QString::fromStdString(statistics[0]),
            QString::fromStdString(before.at("backbone.1.running_mean").dump()
                + before.at("backbone.1.num_batches_tracked").dump()));
        QVERIFY(weights[0]
            == before.at("backbone.0.weight").dump() + before.at("backbone.1.weight").dump());
        QVERIFY(statistics[1] != statistics[0] && weights[1] != weights[0]);
        // two epochs of five batches
        QCOMPARE(norm->num_batches_tracked.item<int64_t>(), int64_t(10));
        QCOMPARE(*norm->options.momentum(), 0.1);
        QCOMPARE(callback.rates, (std::vector<double>{0.1, 0.01, 0.01}));
    }

    void resumesWithFrozenNorms()
    {
        auto recorded = plainCase(3);
        recorded["model"] = {{"batch_norm", true}};
        const auto place = folder();
        const auto fit = [&](const fs::path& from, const fs::path& save, int64_t at) {
            TrainerParts parts;
            parts.callbacks.push_back(std::make_unique<FreezeAll>());
            LambdaHooks hooks;
            hooks.on_train_batch_end
                = [&](Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t) {
                      if (!save.empty() && trainer.global_step() == at)
                          trainer.save_checkpoint(save);
                  };
            parts.callbacks.push_back(std::make_unique<LambdaCallback>(std::move(hooks)));
            seed_everything(5);
            PartsModel model(recorded);
            PartsData data(recorded);
            Trainer trainer(quietOptions(place, 3), std::move(parts));
            trainer.fit(model, data, from);
            return plain(model.module_state_dict());
        };
        const auto whole = fit({}, place / "frozen.ckpt", 3);
        QVERIFY(fit({}, place / "free.ckpt", 8) == whole);
        QVERIFY(fit(place / "frozen.ckpt", {}, 0) == whole);
        QVERIFY(fit(place / "free.ckpt", {}, 0) == whole);
    }

    void handsPredictionsToAWriter_data()
    {
        QTest::addColumn<int>("interval");
        QTest::addColumn<int>("batches");
        QTest::addColumn<int>("atTheEnd");
        QTest::newRow("batch") << int(WriteInterval::OnBatch) << 2 << 0;
        QTest::newRow("epoch") << int(WriteInterval::OnEpoch) << 0 << 2;
        QTest::newRow("batch and epoch") << int(WriteInterval::OnBatchAndEpoch) << 2 << 2;
    }

    void handsPredictionsToAWriter()
    {
        QFETCH(const int, interval);
        QFETCH(const int, batches);
        QFETCH(const int, atTheEnd);
        auto recorded = plainCase();
        recorded["data"] = {{"val_rows", 6}};
        PartsModel model(recorded);
        PartsData data(recorded);
        TrainerParts parts;
        auto made = std::make_unique<Writer>(WriteInterval(interval));
        const auto& writer = *made;
        parts.callbacks.push_back(std::move(made));
        Trainer trainer(quietOptions(folder()), std::move(parts));
        const auto outputs = trainer.predict(model, data);
        QCOMPARE(outputs.at(0).size(), size_t(2));
        QCOMPARE(writer.batches.size(), qsizetype(batches));
        QCOMPARE(writer.epoch.size(), qsizetype(atTheEnd));
        if (batches > 0)
            QCOMPARE(writer.batches.last(), QStringLiteral("1: 2 rows of 4,5"));
        if (atTheEnd > 0)
            QCOMPARE(writer.epoch.first(), QStringLiteral("4 of 0,1,2,3"));
    }

    void wantsAWriterToWrite()
    {
        class Mute final : public BasePredictionWriter
        {
        public:
            std::string name() const override { return "Mute"; }
        };
        PartsModel model(plainCase());
        PartsData data(plainCase());
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<Mute>());
        Trainer trainer(quietOptions(folder()), std::move(parts));
        QVERIFY_EXCEPTION_THROWN(trainer.predict(model, data), MisconfigurationError);
    }

    void prunesAsFunctionsOfTheEpochSay()
    {
        PartsModel model(plainCase());
        PartsData data(plainCase());
        PruningFunctions functions;
        functions.amount
            = [](int64_t epoch) { return PruningAmount(epoch == 2 ? int64_t(3) : int64_t(4)); };
        functions.apply_pruning = [](int64_t epoch) { return epoch != 1; };
        functions.use_lottery_ticket_hypothesis = [](int64_t) { return false; };
        TrainerParts parts;
        ModelPruningOptions pruned;
        pruned.make_pruning_permanent = false;
        auto made = std::make_unique<ModelPruning>(pruned, functions);
        const auto& pruning = *made;
        parts.callbacks.push_back(std::move(made));
        Trainer trainer(quietOptions(folder(), 3), std::move(parts));
        trainer.fit(model, data);
        QCOMPARE(pruning.sparsity().total, int64_t(37));
        QCOMPARE(pruning.sparsity().pruned, int64_t(7));
    }

    void readsAPrunedStateThatPyTorchSaved()
    {
        PartsModel model(plainCase());
        auto state = model.module_state_dict().deep_copy();
        auto pruned = StateTree::ordered_dict();
        for (const auto& [key, value] : state.entries()) {
            const auto& name = std::get<std::string>(key);
            if (name != "head.weight") {
                pruned.set(name, value);
                continue;
            }
            pruned.set("head.weight_orig", value);
            auto mask = at::ones_like(value.tensor());
            mask[0][2] = 0;
            pruned.set("head.weight_mask", mask);
        }
        model.load_module_state_dict(pruned);
        QCOMPARE(model.head->weight[0][2].item<float>(), 0.0F);
        QVERIFY(model.head->weight[0][1].equal(state.at("head.weight").tensor()[0][1]));
    }

    void readsProcAsPsutilDoes()
    {
        CpuUsage usage;
        // nothing to compare with yet
        QCOMPARE(usage.cpu_percent("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n"), 0.0);
        // 65 of 200 ticks were spent at work; time of guests is part of user's.
        QCOMPARE(usage.cpu_percent("cpu  130 5 70 900 85 3 2 5 20 0\n"), 32.5);
        const std::string memory
            = "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    6250 kB\n"
              "SwapTotal:       3000 kB\nSwapFree:        1000 kB\n";
        QCOMPARE(CpuUsage::vm_percent(memory), 60.9);
        QCOMPARE(CpuUsage::swap_percent(memory), 66.7);
        QCOMPARE(CpuUsage::swap_percent("SwapTotal:       0 kB\nSwapFree:        0 kB\n"), 0.0);
    }

    void logsDeviceStatsAroundBatches()
    {
        auto recorded = plainCase(1);
        recorded["callbacks"].push_back(
            Json{{"class_path", "DeviceStatsMonitor"}, {"init_args", Json::object()}});
        CaseOptions options;
        options.folder = folder();
        const auto run = run_case(recorded, std::move(options));
        QCOMPARE(run.error, std::string());
        QStringList names;
        for (const auto& row : run.rows)
            for (const auto& [name, value] : row.at("values").items())
                if (QString::fromStdString(name).startsWith(QLatin1String("DeviceStatsMonitor"))) {
                    names << QString::fromStdString(name);
                    QVERIFY(value.get<double>() >= 0.0 && value.get<double>() <= 100.0);
                    QVERIFY(!row.at("values").contains("epoch"));
                }
        names.removeDuplicates();
        names.sort();
        QStringList expected;
        for (const auto* moment : {"on_train_batch_end", "on_train_batch_start",
                 "on_validation_batch_end", "on_validation_batch_start"})
            for (const auto* value : {"cpu_percent", "cpu_swap_percent", "cpu_vm_percent"})
                expected << QStringLiteral("DeviceStatsMonitor.%1/%2")
                                .arg(QLatin1String(moment), QLatin1String(value));
        QCOMPARE(names, expected);
    }

    void logsNoCpuStatsWhereToldNotTo()
    {
        auto recorded = plainCase(1);
        recorded["callbacks"].push_back(
            Json{{"class_path", "DeviceStatsMonitor"}, {"init_args", {{"cpu_stats", false}}}});
        CaseOptions options;
        options.folder = folder();
        const auto run = run_case(recorded, std::move(options));
        QCOMPARE(run.error, std::string());
        QVERIFY(run.rows.dump().find("DeviceStats") == std::string::npos);
    }

    void mapsBothBarsToOneStyle()
    {
        const ProgressBarCallback batches(
            TQDMProgressBarOptions{.refresh_rate = 20, .process_position = 2, .leave = true});
        QCOMPARE(batches.style().batches_between, int64_t(20));
        QCOMPARE(batches.style().position, int64_t(2));
        QVERIFY(batches.style().stays && batches.style().is_shown);
        const ProgressBarCallback seconds(RichProgressBarOptions{.refresh_rate = 4});
        QCOMPARE(seconds.style().seconds_between, 0.25);
        QVERIFY(!ProgressBarCallback(TQDMProgressBarOptions{.refresh_rate = 0}).style().is_shown);
        QVERIFY(!ProgressBarCallback(RichProgressBarOptions{.refresh_rate = 0}).style().is_shown);
    }

private:
    fs::path folder()
    {
        return fs::path(m_folder.path().toStdString()) / std::to_string(m_count++);
    }

    QTemporaryDir m_folder;
    int m_count = 0;
};
LEYDEN_TEST(TestCallbackApi)
} // namespace tst_callback_api

#include "tst_callback_api.moc"
