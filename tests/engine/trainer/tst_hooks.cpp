// SPDX-License-Identifier: GPL-3.0-or-later
// Hooks that a usual run has none of, against what Lightning calls
// (tests/lightning/record_hooks.py): loaders of the module, transfer hooks of the data module,
// model_train hooks, several loaders, callbacks of the module.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/optim/sgd.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"
#include "tests/support/trace_text.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <QTemporaryDir>
#include <QtTest>

namespace tst_hooks {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

DataLoaders loaders_of(int64_t rows, int64_t count)
{
    DataLoaders loaders;
    for (int64_t i = 0; i < count; ++i) {
        const auto x = at::arange(2 * rows, at::kFloat).reshape({rows, 2}) / 8;
        loaders.push_back(std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector<at::Tensor>{x}),
            DataLoaderOptions{.batch_size = 2}));
    }
    return loaders;
}

class NamedCallback final : public Callback
{
public:
    NamedCallback(std::string text, std::vector<std::string>& seen)
        : text_(std::move(text)), seen_(seen)
    {
    }
    std::string name() const override { return "Named"; }
    void on_train_start(Trainer&, LightningModule&) override { seen_.push_back(text_); }

private:
    std::string text_;
    std::vector<std::string>& seen_;
};

class HookModel final : public LightningModule
{
public:
    HookModel(const Json& one_, std::vector<std::string>& seen)
        : LightningModule("Model")
        , one(one_)
        , layer(register_module("layer", torch::nn::Linear(2, 1)))
        , frozen(register_module("frozen", torch::nn::Linear(1, 1)))
        , seen_(seen)
    {
        if (one.at("frozen").get<bool>())
            frozen->eval();
    }
    StepOutput training_step(const Batch& batch, int64_t) override { return loss_of(batch); }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        log("val_loss", loss_of(batch));
        return {};
    }
    StateTree test_step(const Batch& batch, int64_t, int64_t) override
    {
        log("test_loss", loss_of(batch));
        return {};
    }
    StateTree predict_step(const Batch& batch, int64_t, int64_t) override
    {
        return layer->forward(batch[0].tensor());
    }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
    }
    std::vector<std::unique_ptr<Callback>> configure_callbacks() override
    {
        std::vector<std::unique_ptr<Callback>> callbacks;
        if (one.at("brings_callback").get<bool>())
            callbacks.push_back(std::make_unique<NamedCallback>("module's", seen_));
        return callbacks;
    }
    DataLoaders train_dataloader() override { return loaders_of(4, 1); }
    DataLoaders val_dataloader() override { return loaders_of(2, 1); }
    DataLoaders test_dataloader() override { return loaders_of(2, 1); }
    DataLoaders predict_dataloader() override { return loaders_of(2, 1); }
    bool has_model_train_hooks() const override { return one.at("model_train").get<bool>(); }

    const Json one;
    torch::nn::Linear layer;
    torch::nn::Linear frozen;

private:
    at::Tensor loss_of(const Batch& batch)
    {
        return frozen->forward(layer->forward(batch[0].tensor())).square().mean();
    }
    std::vector<std::string>& seen_;
};

class HookData final : public LightningDataModule
{
public:
    explicit HookData(const Json& one_) : one(one_) { }
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return loaders_of(4, 1); }
    DataLoaders val_dataloader() override
    {
        return loaders_of(2, one.at("loaders").get<int64_t>());
    }
    DataLoaders test_dataloader() override { return val_dataloader(); }
    DataLoaders predict_dataloader() override { return val_dataloader(); }
    TransferHooks transfer_hooks() const override
    {
        const auto has = [this](const char* hook) {
            const auto& names = one.at("transfer");
            return std::find(names.begin(), names.end(), Json(hook)) != names.end();
        };
        return {has("on_before_batch_transfer"), has("transfer_batch_to_device"),
            has("on_after_batch_transfer")};
    }

    const Json one;

private:
    DataSpec spec_;
};

} // namespace

class TestHooks final : public QObject
{
    Q_OBJECT

private:
    std::vector<TorchReference> m_references = torch_references(
        QStringLiteral("hooks"), QStringLiteral("hooks"), QStringLiteral("record_hooks.py"));

private Q_SLOTS:
    void areCalledAsLightningCallsThem_data() { add_reference_rows(m_references); }
    void areCalledAsLightningCallsThem()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& one = m_references[size_t(reference)].cases[size_t(index)];
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        std::vector<std::string> seen;
        seed_everything(2);
        HookModel model(one, seen);
        HookData data(one);
        auto options = bare_options(root);
        options.max_epochs = 1;
        options.num_sanity_val_steps = 1;
        TrainerParts parts;
        parts.trace_file = root / "trace.jsonl";
        if (one.at("brings_callback").get<bool>())
            parts.callbacks.push_back(std::make_unique<NamedCallback>("trainer's", seen));
        {
            Trainer trainer(options, std::move(parts));
            const bool own = one.at("own_loaders").get<bool>();
            const auto verb = one.at("verb").get<std::string>();
            if (verb == "fit")
                own ? trainer.fit(model) : trainer.fit(model, data);
            else if (verb == "validate")
                own ? trainer.validate(model) : trainer.validate(model, data);
            else if (verb == "test")
                own ? trainer.test(model) : trainer.test(model, data);
            else
                own ? trainer.predict(model) : trainer.predict(model, data);
        }
        QCOMPARE(trace_difference(short_trace(root / "trace.jsonl"), one.at("trace"), Tolerance()),
            QString());
        QCOMPARE(Json(seen).dump(), one.at("seen").dump());
        const Json modes
            = {model.is_training(), model.layer->is_training(), model.frozen->is_training()};
        QCOMPARE(modes.dump(), one.at("modes").dump());
    }

    void aRunWithoutLoadersSaysSo()
    {
        BoringModel model; // has no loaders of its own
        const QTemporaryDir folder;
        Trainer trainer(bare_options(folder.path().toStdString()));
        QVERIFY_EXCEPTION_THROWN(trainer.fit(model), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(trainer.validate(model), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(trainer.predict(model), MisconfigurationError);
    }

    void makesADataModuleOfDataSets()
    {
        const auto rows = [](int64_t count) {
            return std::make_shared<TensorDataset>(
                std::vector<at::Tensor>{at::zeros({count, 4}), at::zeros({count, 1})});
        };
        const auto data = LightningDataModule::from_datasets(rows(20), rows(6), {}, {}, 4, 0);
        QCOMPARE(data->train_dataloader().front()->size(), int64_t(5));
        QVERIFY(data->train_dataloader().front()->options().shuffle);
        QCOMPARE(data->val_dataloader().front()->size(), int64_t(2));
        QVERIFY(!data->val_dataloader().front()->options().shuffle);
        QVERIFY(data->test_dataloader().empty());
        const QTemporaryDir folder;
        BoringModel model;
        Trainer trainer(bare_options(folder.path().toStdString()));
        trainer.fit(model, *data);
        QCOMPARE(trainer.global_step(), int64_t(10));
        QVERIFY(data->set_attribute("batch_size", int64_t(10)));
        QCOMPARE(data->train_dataloader().front()->size(), int64_t(2));
    }

    void freezesAndUnfreezes()
    {
        BoringModel model;
        model.freeze();
        QVERIFY(!model.is_training());
        for (const auto& parameter : model.parameters())
            QVERIFY(!parameter.requires_grad());
        model.unfreeze();
        QVERIFY(model.is_training());
        for (const auto& parameter : model.parameters())
            QVERIFY(parameter.requires_grad());
    }

    // Lightning zeroes all gradients before a run: what an earlier one left does not count.
    void beginsWithoutGradients()
    {
        const QTemporaryDir folder;
        BoringModel model;
        for (auto& parameter : model.parameters())
            parameter.mutable_grad() = at::zeros_like(parameter);
        bool had_gradient = false;
        model.on_hook = [&](BoringModel& m, Hook hook, int64_t) {
            if (hook == Hook::OnTrainStart)
                had_gradient = m.layer->weight.grad().defined();
        };
        BoringData data;
        Trainer(bare_options(folder.path().toStdString())).fit(model, data);
        QVERIFY(!had_gradient);
    }
};
LEYDEN_TEST(TestHooks)
} // namespace tst_hooks

#include "tst_hooks.moc"
