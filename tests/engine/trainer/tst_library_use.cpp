// SPDX-License-Identifier: GPL-3.0-or-later
// The library as a program of one's own uses it: several runs of one Trainer, data of all kinds,
// parts of LibTorch, checkpoints without a registry.
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/callbacks/progress_bar_callback.h"
#include "engine/core/errors.h"
#include "engine/data/sampler.h"
#include "engine/loggers/csv_logger.h"
#include "engine/loops/fit_loop.h"
#include "engine/optim/lambda_lr.h"
#include "engine/optim/torch_optimizer.h"
#include "engine/trainer/load_from_checkpoint.h"
#include "tests/support/boring_model.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

#include <optional>

namespace tst_library_use {
using namespace leyden;
using namespace leyden::test;

namespace {

/// Steps by hand at every third batch, and counts what a validation calls.
class ThirdBatch final : public LightningModule
{
public:
    ThirdBatch() : layer(register_module("layer", torch::nn::Linear(4, 1)))
    {
        automatic_optimization = false;
    }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        const auto loss = at::mse_loss(layer->forward(batch[0].tensor()), batch[1].tensor());
        manual_backward(loss);
        if (++batches % 3 == 0) {
            optimizers()[0].step();
            optimizers()[0].zero_grad();
        }
        return loss;
    }
    StateTree validation_step(const Batch&, int64_t, int64_t) override { return {}; }
    void on_validation_model_zero_grad() override
    {
        ++validations;
        LightningModule::on_validation_model_zero_grad();
    }
    DataLoaders train_dataloader() override { return loaders; }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
    }
    torch::nn::Linear layer;
    DataLoaders loaders;
    int batches = 0;
    int validations = 0;
};

std::shared_ptr<TensorDataset> rows(int64_t count)
{
    auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t(7));
    const auto x = at::randn({count, 4}, generator);
    return std::make_shared<TensorDataset>(std::vector{x, x.sum(1, true)});
}

TrainerParts silent(const std::filesystem::path& root = {})
{
    TrainerParts parts;
    parts.prints = false;
    parts.root = root;
    return parts;
}

TrainerOptions options_for(int64_t epochs)
{
    TrainerOptions options;
    options.accelerator = "cpu";
    options.max_epochs = epochs;
    options.log_every_n_steps = 1;
    return options;
}

QStringList lines_of(const QString& file)
{
    return QString::fromStdString(file_text(file.toStdString()))
        .split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
}

/// A model with hyper-parameters, which a checkpoint can make anew.
class Tall final : public LightningModule
{
public:
    explicit Tall(int64_t outputs) : layer(register_module("layer", torch::nn::Linear(4, outputs)))
    {
        save_hyperparameters({{"outputs", outputs}, {"kind", "tall"}});
    }
    explicit Tall(const StateTree& saved) : Tall(saved.at("outputs").to_int()) { }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        return layer->forward(batch[0].tensor()).square().mean();
    }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
    }
    torch::nn::Linear layer;
};

/// Weights after a fit with an optimizer.
at::Tensor weights_after(
    const std::function<OptimizerSetup(ScriptedModel&)>& make, int64_t epochs = 2)
{
    torch::manual_seed(3);
    QTemporaryDir folder;
    ScriptedModel model;
    MemoryData data(4, 1);
    model.make_optimizers = make;
    auto options = bare_options(folder.path().toStdString());
    options.max_epochs = epochs;
    Trainer(options, silent()).fit(model, data);
    return model.parameters().front().detach().clone();
}

} // namespace

class TestLibraryUse final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void validatesNothingWhereThereIsNoLoader_data()
    {
        QTest::addColumn<int>("source");
        QTest::addColumn<int>("checkVal");
        QTest::newRow("from_datasets") << 0 << 1;
        QTest::newRow("from_datasets, asked late") << 0 << 2;
        QTest::newRow("the module's own") << 2 << 1;
    }

    void validatesNothingWhereThereIsNoLoader()
    {
        QFETCH(const int, source);
        QFETCH(const int, checkVal);
        const auto fit = [&](int64_t val_batches) {
            QTemporaryDir folder;
            torch::manual_seed(1);
            ThirdBatch model;
            const auto loader
                = std::make_shared<DataLoader>(rows(8), DataLoaderOptions{.batch_size = 2});
            model.loaders = {loader};
            const auto sets = LightningDataModule::from_datasets(rows(8), {}, {}, {}, 2);
            auto options = bare_options(folder.path().toStdString());
            options.num_sanity_val_steps = 2;
            options.check_val_every_n_epoch = checkVal;
            options.max_epochs = 5;
            if (val_batches == 0)
                options.limit_val_batches = int64_t(0);
            Trainer trainer(options, silent());
            if (source == 2)
                trainer.fit(model);
            else
                trainer.fit(model, *sets);
            return std::pair(model.layer->weight.detach().clone(), model.validations);
        };
        const auto [weights, validations] = fit(-1);
        QCOMPARE(validations, 0);
        QVERIFY(at::equal(weights, fit(0).first));
    }

    // As Lightning (tst_twin_run compares the numbers): a val_dataloader that is overridden and gives
    // no loader is a validation without batches, before which the gradients are dropped.
    void countsAnEmptyHookAsAValidation_data()
    {
        QTest::addColumn<int>("checkVal");
        QTest::addColumn<int>("validations");
        QTest::newRow("every epoch") << 1 << 5;
        QTest::newRow("asked late") << 2 << 2;
    }
    void countsAnEmptyHookAsAValidation()
    {
        QFETCH(const int, checkVal);
        QFETCH(const int, validations);
        class NothingToValidate final : public LightningDataModule
        {
        public:
            std::string name() const override { return "NothingToValidate"; }
            DataLoaders train_dataloader() override
            {
                return {std::make_shared<DataLoader>(rows(8), DataLoaderOptions{.batch_size = 2})};
            }
            DataLoaders val_dataloader() override { return {}; }
        };
        const auto fit = [&](bool is_dropped_by_hand) {
            QTemporaryDir folder;
            torch::manual_seed(1);
            ThirdBatch model;
            NothingToValidate data;
            auto options = bare_options(folder.path().toStdString());
            options.num_sanity_val_steps = 2;
            options.check_val_every_n_epoch = checkVal;
            options.max_epochs = 5;
            auto parts = silent();
            if (is_dropped_by_hand) {
                options.limit_val_batches = int64_t(0);
                parts.callbacks.push_back(std::make_unique<HookCallback>(
                    [&](Trainer& trainer, LightningModule& m, Hook hook, int64_t) {
                        if (hook == Hook::OnTrainEpochEnd
                            && (trainer.current_epoch() + 1) % checkVal == 0)
                            m.zero_grad();
                    }));
            }
            Trainer trainer(options, std::move(parts));
            trainer.fit(model, data);
            return std::pair(model.layer->weight.detach().clone(), model.validations);
        };
        const auto [weights, counted] = fit(false);
        QCOMPARE(counted, validations);
        QVERIFY(at::equal(weights, fit(true).first));
    }

    void trainsFurtherInOneFolder()
    {
        QTemporaryDir folder;
        MemoryData data(3, 1);
        ScriptedModel model;
        Trainer trainer(options_for(1), silent(folder.path().toStdString()));
        trainer.fit(model, data);
        trainer.live().max_epochs = 2;
        trainer.fit(model, data);
        trainer.validate(model, data);
        QCOMPARE(trainer.global_step(), int64_t(6));
        const QDir logs(folder.filePath(QStringLiteral("lightning_logs")));
        QCOMPARE(logs.entryList(QDir::Dirs | QDir::NoDotAndDotDot),
            QStringList{QStringLiteral("version_0")});
        const auto lines = lines_of(logs.filePath(QStringLiteral("version_0/metrics.csv")));
        // a row a batch, one of each validation, one of each epoch
        QCOMPARE(lines.size(), qsizetype(1 + 6 + 2 + 2 + 1));
    }

    void takesTheWordsForACheckpoint()
    {
        QTemporaryDir folder;
        MemoryData data(3, 1);
        ScriptedModel model;
        EventList events;
        auto parts = silent(folder.path().toStdString());
        parts.observer = &events;
        parts.callbacks.push_back(std::make_unique<EarlyStopping>(
            EarlyStoppingOptions{.monitor = "val_loss", .patience = 9}));
        parts.callbacks.push_back(
            std::make_unique<ModelCheckpoint>(ModelCheckpointOptions{.dirpath = "ck"}));
        Trainer trainer(options_for(1), std::move(parts));
        QVERIFY(trainer.early_stopping_callback());
        QVERIFY(trainer.checkpoint_callback());
        QVERIFY(!trainer.progress_bar_callback());
        QVERIFY(trainer.logger());
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, trainer.validate(model, data, "best"));
        trainer.fit(model, data, "last"); // there is none yet
        QCOMPARE(events.warnings("has no checkpoint yet").size(), size_t(1));
        // below the root, as all relative paths
        QCOMPARE(QDir(folder.filePath(QStringLiteral("ck"))).entryList(QDir::Files).size(), 1);

        const auto trained = model.parameters().front().detach().clone();
        for (const char* word : {"best", "last"}) {
            {
                const at::NoGradGuard no_grad;
                model.parameters().front().zero_();
            }
            trainer.validate(model, data, word);
            QVERIFY2(at::equal(model.parameters().front().detach(), trained), word);
        }
        QVERIFY_THROWS_EXCEPTION(CheckpointError, trainer.validate(model, data, "hpc"));
    }

    void keepsMetricsInTheOrderInWhichTheyCame()
    {
        QTemporaryDir folder;
        MemoryData data(3, 1);
        ScriptedModel model; // train_loss of step and epoch, val_loss
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        trainer.fit(model, data);
        const std::vector<std::string> lightnings{
            "train_loss", "train_loss_step", "val_loss", "train_loss_epoch"};
        QCOMPARE(trainer.callback_metrics().names(), lightnings);
    }

    void schedulesByAFunction()
    {
        const auto by_hand = weights_after([](ScriptedModel& model) {
            OptimizerSetup setup{
                .optimizers = {std::make_shared<SGD>(model.parameters(), SGDOptions{.lr = 0.1})}};
            setup.lr_schedulers.push_back(
                {.scheduler = std::make_shared<LambdaLR>(*setup.optimizers.front(),
                     [](int64_t epoch) { return epoch == 0 ? 1.0 : 0.5; })});
            return setup;
        });
        const auto by_text = weights_after([](ScriptedModel& model) {
            OptimizerSetup setup{
                .optimizers = {std::make_shared<SGD>(model.parameters(), SGDOptions{.lr = 0.1})}};
            setup.lr_schedulers.push_back(
                {.scheduler = std::make_shared<LambdaLR>(*setup.optimizers.front(),
                     LambdaLROptions{.lr_lambda = std::string("1 if epoch == 0 else 0.5")})});
            return setup;
        });
        QVERIFY(at::equal(by_hand, by_text));
        SGD optimizer({at::zeros({1})}, SGDOptions{.lr = 0.1});
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, LambdaLR(optimizer, LambdaLR::Function()));
    }

    void stepsAnOptimizerOfLibTorch()
    {
        const auto theirs = weights_after([](ScriptedModel& model) {
            auto sgd = std::make_shared<torch::optim::SGD>(
                model.parameters(), torch::optim::SGDOptions(0.05).momentum(0.9));
            return OptimizerSetup{.optimizers = {std::make_shared<TorchOptimizer>(sgd, "SGD")}};
        });
        const auto ours = weights_after([](ScriptedModel& model) {
            return OptimizerSetup{.optimizers = {std::make_shared<SGD>(model.parameters(),
                                      SGDOptions{.lr = 0.05, .momentum = 0.9})}};
        });
        QVERIFY(at::allclose(theirs, ours));
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, TorchOptimizer(nullptr));
    }

    void resumesAnOptimizerOfLibTorch()
    {
        const auto make = [](ScriptedModel& model) {
            auto adam = std::make_shared<torch::optim::Adam>(
                model.parameters(), torch::optim::AdamOptions(0.05));
            return OptimizerSetup{.optimizers = {std::make_shared<TorchOptimizer>(adam, "Adam")}};
        };
        const auto whole = weights_after(make, 4);
        torch::manual_seed(3);
        QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("half.ckpt")).toStdString();
        MemoryData data(4, 1);
        auto options = bare_options(folder.path().toStdString());
        {
            ScriptedModel model;
            model.make_optimizers = make;
            options.max_epochs = 2;
            Trainer trainer(options, silent());
            trainer.fit(model, data);
            trainer.save_checkpoint(file);
        }
        ScriptedModel model;
        model.make_optimizers = make;
        options.max_epochs = 4;
        Trainer(options, silent()).fit(model, data, file);
        QVERIFY(at::equal(model.parameters().front().detach(), whole));
    }

    void drawsRowsByASampler()
    {
        torch::manual_seed(5);
        DataLoaderOptions options{.batch_size = 4};
        options.sampler
            = std::make_shared<WeightedRandomSampler>(std::vector<double>{0.0, 1.0, 2.0, 0.0}, 10);
        DataLoader loader(rows(4), options);
        QCOMPARE(loader.size(), int64_t(3));
        // torch.manual_seed(5); list(DataLoader(..., sampler=WeightedRandomSampler([0, 1, 2, 0], 10)))
        // draws its base seed first
        torch::manual_seed(5);
        at::empty({}, at::kLong).random_();
        const auto expected
            = at::multinomial(at::tensor({0.0, 1.0, 2.0, 0.0}, at::kDouble), 10, true);
        torch::manual_seed(5);
        const auto pass = loader.iterate();
        std::vector<int64_t> drawn;
        StateTree position;
        for (Batch batch; pass->next(batch);) {
            const auto taken = pass->last_indices();
            drawn.insert(drawn.end(), taken.begin(), taken.end());
            if (drawn.size() == 4)
                position = pass->state_dict();
        }
        QVERIFY(at::equal(at::tensor(drawn, at::kLong), expected));
        const auto resumed = loader.resume(position);
        Batch batch;
        QVERIFY(resumed->next(batch));
        QCOMPARE(
            resumed->last_indices(), std::vector<int64_t>(drawn.begin() + 4, drawn.begin() + 8));

        options.shuffle = true;
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, DataLoader(rows(4), options));
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, WeightedRandomSampler({0.0}, 1));
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, WeightedRandomSampler({1.0}, 2, false));
        QVERIFY_THROWS_EXCEPTION(MisconfigurationError, WeightedRandomSampler({1.0}, 0));
    }

    void collatesByAFunction()
    {
        for (const int64_t workers : {0, 2}) {
            DataLoaderOptions options{.batch_size = 3, .num_workers = workers};
            options.collate_fn = [](std::vector<Batch> samples) {
                auto batch = default_collate(samples);
                return StateTree::dict({{"x", batch[0]}, {"count", int64_t(samples.size())}});
            };
            DataLoader loader(rows(5), options);
            const auto pass = loader.iterate();
            Batch batch;
            QVERIFY(pass->next(batch));
            QCOMPARE(batch.at("x").tensor().sizes(), at::IntArrayRef({3, 4}));
            QVERIFY(pass->next(batch));
            QCOMPARE(batch.at("count").to_int(), int64_t(2));
            QVERIFY(!pass->next(batch));
        }
        QVERIFY(default_collate({1.5, 2.5}).tensor().equal(at::tensor({1.5, 2.5}, at::kDouble)));
        QVERIFY_THROWS_EXCEPTION(DataError, default_collate({StateTree(1), StateTree(1.5)}));
        QVERIFY_THROWS_EXCEPTION(DataError, default_collate({}));
    }

    void makesAModelOfItsCheckpoint()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("tall.ckpt")).toStdString();
        Tall model(3);
        MemoryData data(2, 0);
        Trainer trainer(bare_options(folder.path().toStdString()), silent());
        trainer.fit(model, data);
        trainer.save_checkpoint(file);
        const auto again = load_from_checkpoint<Tall>(file);
        QVERIFY(at::equal(again->layer->weight, model.layer->weight));
        QCOMPARE(again->hparams.at("kind").to_string(), std::string("tall"));
        Tall other(3);
        load_from_checkpoint(file, other);
        QVERIFY(at::equal(other.layer->weight, model.layer->weight));
        QVERIFY_THROWS_EXCEPTION(CheckpointError, load_from_checkpoint<Tall>(file, int64_t(2)));
    }
};
LEYDEN_TEST(TestLibraryUse)
} // namespace tst_library_use

#include "tst_library_use.moc"
