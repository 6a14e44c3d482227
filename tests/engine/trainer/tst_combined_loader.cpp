// SPDX-License-Identifier: GPL-3.0-or-later
// Runs over several loaders, against what Lightning does (tests/lightning/record_combined.py):
// which rows each batch holds, logged values, weights, and that the same random numbers were drawn.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/data/combined_loader.h"
#include "engine/optim/sgd.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

namespace tst_combined_loader {
using namespace leyden;
using namespace leyden::test;

namespace {

CombinedMode mode_named(const std::string& name)
{
    for (const auto mode :
        {CombinedMode::MinSize, CombinedMode::MaxSize, CombinedMode::MaxSizeCycle})
        if (name == to_string(mode))
            return mode;
    return CombinedMode::Sequential;
}

DataLoaders loaders_of(
    const Json& one, const Json& rows, const Json& mode, bool shuffle, const Json& names = {})
{
    DataLoaders loaders;
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto x
            = (at::arange(rows[i].get<int64_t>(), at::kFloat) + 20 * int64_t(i)).reshape({-1, 1});
        loaders.push_back(std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector<at::Tensor>{x}),
            DataLoaderOptions{
                .batch_size = one.at("batch_size").get<int64_t>(), .shuffle = shuffle}));
    }
    if (mode.is_null())
        return loaders;
    if (names.is_null())
        return CombinedLoader(loaders, mode_named(mode.get<std::string>()));
    CombinedLoader::Named named;
    for (size_t i = 0; i < loaders.size(); ++i)
        named.emplace_back(names[i].get<std::string>(), loaders[i]);
    return CombinedLoader(named, mode_named(mode.get<std::string>()));
}

/// The rows that a batch holds, nested as it is.
Json rows_of(const Batch& batch)
{
    if (batch.is_none())
        return nullptr;
    if (batch.is_tensor()) {
        auto rows = Json::array();
        for (int64_t i = 0; i < batch.tensor().numel(); ++i)
            rows.push_back(batch.tensor().reshape(-1)[i].item<int64_t>());
        return rows;
    }
    if (batch.is_dict()) {
        auto object = Json::object();
        for (const auto& [key, item] : batch.entries())
            object[std::get<std::string>(key)] = rows_of(item);
        return object;
    }
    auto list = Json::array();
    for (const auto& item : batch.items())
        list.push_back(rows_of(item));
    return list;
}

std::vector<at::Tensor> tensors_of(const Batch& batch)
{
    std::vector<at::Tensor> tensors;
    if (batch.is_tensor())
        tensors.push_back(batch.tensor());
    const auto add = [&](const Batch& item) {
        for (auto& tensor : tensors_of(item))
            tensors.push_back(std::move(tensor));
    };
    if (batch.is_dict())
        for (const auto& entry : batch.entries())
            add(entry.second);
    else if (batch.is_list())
        for (const auto& item : batch.items())
            add(item);
    return tensors;
}

class RowsModel final : public LightningModule
{
public:
    RowsModel() : LightningModule("Model"), layer(register_module("layer", torch::nn::Linear(1, 1)))
    {
    }

    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        note("train", batch, idx, 0);
        const auto loss = loss_of(batch);
        log("train_loss", loss, {.on_step = true, .on_epoch = true, .batch_size = 2});
        return loss;
    }
    StateTree validation_step(const Batch& batch, int64_t idx, int64_t loader) override
    {
        return evaluate("val", batch, idx, loader);
    }
    StateTree test_step(const Batch& batch, int64_t idx, int64_t loader) override
    {
        return evaluate("test", batch, idx, loader);
    }
    /// What predict_step falls back to.
    StateTree forward_example(const StateTree& batch) override
    {
        return layer->forward(batch[0].tensor() / 100);
    }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1})}, {}};
    }

    torch::nn::Linear layer;
    Json seen = Json::array();

private:
    at::Tensor loss_of(const Batch& batch)
    {
        at::Tensor loss;
        for (const auto& tensor : tensors_of(batch)) {
            const auto part = layer->forward(tensor / 100).square().mean();
            loss = loss.defined() ? loss + part : part;
        }
        return loss;
    }
    void note(const char* what, const Batch& batch, int64_t idx, int64_t loader)
    {
        seen.push_back({what, idx, loader, rows_of(batch)});
    }
    StateTree evaluate(const std::string& stage, const Batch& batch, int64_t idx, int64_t loader)
    {
        note(stage.c_str(), batch, idx, loader);
        log(stage + "_loss", loss_of(batch), {.batch_size = int64_t(tensors_of(batch).size())});
        return {};
    }
};

class RowsData final : public LightningDataModule
{
public:
    explicit RowsData(const Json& one) : one_(one) { }
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override
    {
        return loaders_of(one_, one_.at("train"), one_.at("mode"), one_.at("shuffle").get<bool>(),
            one_.at("names"));
    }
    DataLoaders val_dataloader() override
    {
        if (one_.at("val").empty())
            return {};
        return loaders_of(one_, one_.at("val"), one_.at("val_mode"), false);
    }
    DataLoaders test_dataloader() override { return val_dataloader(); }
    DataLoaders predict_dataloader() override { return val_dataloader(); }

private:
    Json one_;
    DataSpec spec_;
};

IntOrFloat limit_from(const Json& value)
{
    if (value.is_number_integer())
        return value.get<int64_t>();
    return value.get<double>();
}

TrainerOptions options_of(const Json& said, const std::filesystem::path& root)
{
    auto options = bare_options(root);
    const auto take = [&](const char* name, auto&& set) {
        if (const auto value = said.find(name); value != said.end())
            set(*value);
    };
    take(
        "limit_train_batches", [&](const Json& v) { options.limit_train_batches = limit_from(v); });
    take("limit_val_batches", [&](const Json& v) { options.limit_val_batches = limit_from(v); });
    take("limit_test_batches", [&](const Json& v) { options.limit_test_batches = limit_from(v); });
    take("limit_predict_batches",
        [&](const Json& v) { options.limit_predict_batches = limit_from(v); });
    take("overfit_batches", [&](const Json& v) { options.overfit_batches = limit_from(v); });
    take("val_check_interval",
        [&](const Json& v) { options.val_check_interval = v.get<int64_t>(); });
    take("num_sanity_val_steps",
        [&](const Json& v) { options.num_sanity_val_steps = v.get<int64_t>(); });
    take("accumulate_grad_batches",
        [&](const Json& v) { options.accumulate_grad_batches = v.get<int64_t>(); });
    take("max_steps", [&](const Json& v) { options.max_steps = v.get<int64_t>(); });
    take("max_epochs", [&](const Json& v) { options.max_epochs = v.get<int64_t>(); });
    return options;
}

} // namespace

class TestCombinedLoader final : public QObject
{
    Q_OBJECT

    std::vector<TorchReference> m_references = torch_references(QStringLiteral("combined"),
        QStringLiteral("combined"), QStringLiteral("record_combined.py"));

private Q_SLOTS:
    void runsAsLightningDoes_data() { add_reference_rows(m_references); }
    void runsAsLightningDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = m_references[size_t(reference)];
        const auto& one = recorded.cases[size_t(index)];
        const auto tolerance = recorded.tolerance(Computed::InSteps);
        const QTemporaryDir folder;
        seed_everything(3);
        RowsModel model;
        RowsData data(one);
        Trainer trainer(options_of(one.at("trainer"), folder.path().toStdString()));
        const auto verb = one.at("verb").get<std::string>();
        Json predictions;
        const auto run = [&] {
            if (verb == "fit")
                trainer.fit(model, data);
            else if (verb == "validate")
                trainer.validate(model, data);
            else if (verb == "test")
                trainer.test(model, data);
            else
                for (const auto& loader : trainer.predict(model, data)) {
                    predictions.push_back(Json::array());
                    for (const auto& batch : loader) {
                        predictions.back().push_back(Json::array());
                        for (int64_t i = 0; i < batch.tensor().numel(); ++i)
                            predictions.back().back().push_back(
                                batch.tensor().reshape(-1)[i].item<double>());
                    }
                }
        };
        if (one.contains("error")) {
            QVERIFY_EXCEPTION_THROWN(run(), MisconfigurationError);
            return;
        }
        run();
        QCOMPARE(QString::fromStdString(model.seen.dump()),
            QString::fromStdString(one.at("seen").dump()));
        QCOMPARE(trainer.global_step(), one.at("global_step").get<int64_t>());
        QCOMPARE(at::empty({}, at::kLong).random_().item<int64_t>(), one.at("draw").get<int64_t>());
        const auto weights = model.parameters();
        for (size_t i = 0; i < weights.size(); ++i)
            QVERIFY(
                tolerance.accepts(weights[i].item<double>(), one.at("weights")[i].get<double>()));
        QCOMPARE(trainer.callback_metrics().names().size(), one.at("metrics").size());
        for (const auto& [name, value] : one.at("metrics").items()) {
            const auto found = trainer.callback_metrics().find(name);
            QVERIFY2(found && tolerance.accepts(*found, value.get<double>()), name.c_str());
        }
        if (verb != "predict")
            return;
        QCOMPARE(predictions.size(), one.at("predictions").size());
        for (size_t i = 0; i < predictions.size(); ++i) {
            QCOMPARE(predictions[i].size(), one.at("predictions")[i].size());
            for (size_t j = 0; j < predictions[i].size(); ++j)
                for (size_t k = 0; k < predictions[i][j].size(); ++k)
                    QVERIFY(tolerance.accepts(predictions[i][j][k].get<double>(),
                        one.at("predictions")[i][j][k].get<double>()));
        }
    }

    void goesOnFromAPosition_data()
    {
        QTest::addColumn<QString>("mode");
        for (const auto mode :
            {CombinedMode::MinSize, CombinedMode::MaxSize, CombinedMode::MaxSizeCycle})
            QTest::newRow(to_string(mode)) << QString::fromLatin1(to_string(mode));
    }

    void goesOnFromAPosition()
    {
        QFETCH(const QString, mode);
        const Json one = {{"batch_size", 2}};
        auto loader = CombinedLoader::of(
            loaders_of(one, {10, 3, 7}, mode.toStdString(), true, {"a", "b", "c"}),
            CombinedMode::Sequential);
        for (int taken = 0; taken < 5; ++taken) {
            seed_everything(7);
            auto whole = loader.iterate();
            Batch batch;
            for (int i = 0; i < taken; ++i)
                whole->next(batch);
            const auto position = whole->state_dict();
            const auto states = generator_states();
            std::vector<Json> rest, resumed;
            while (whole->next(batch))
                rest.push_back(rows_of(batch));
            whole.reset();
            set_generator_states(states);
            auto part = loader.resume(position);
            while (part->next(batch))
                resumed.push_back(rows_of(batch));
            QCOMPARE(Json(resumed).dump(), Json(rest).dump());
        }
    }

    void refusesNoLoaderAndAStrangePosition()
    {
        QVERIFY_EXCEPTION_THROWN(
            CombinedLoader(DataLoaders(), CombinedMode::MinSize), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            CombinedLoader(DataLoaders{nullptr}, CombinedMode::MinSize), MisconfigurationError);
        const Json one = {{"batch_size", 2}};
        auto two = CombinedLoader(loaders_of(one, {4, 4}, nullptr, false), CombinedMode::MinSize);
        auto three
            = CombinedLoader(loaders_of(one, {4, 4, 4}, nullptr, false), CombinedMode::MinSize);
        const auto position = two.iterate()->state_dict();
        QVERIFY_EXCEPTION_THROWN(three.resume(position), CheckpointError);
        auto single
            = CombinedLoader::of(loaders_of(one, {4}, nullptr, false), CombinedMode::MinSize);
        QVERIFY_EXCEPTION_THROWN(two.resume(single.iterate()->state_dict()), CheckpointError);
    }

    void predictNeedsAStepOrAForward()
    {
        struct Bare final : public LightningModule
        {
            Bare() : LightningModule("Bare") { }
        } model;
        const QTemporaryDir folder;
        const Json one = {{"batch_size", 2}, {"train", {4}}, {"val", {4}}, {"mode", nullptr},
            {"val_mode", nullptr}, {"shuffle", false}, {"names", nullptr}};
        RowsData data(one);
        Trainer trainer(bare_options(folder.path().toStdString()));
        QVERIFY_EXCEPTION_THROWN(trainer.predict(model, data), MisconfigurationError);
        // the first left nothing behind
        QVERIFY_EXCEPTION_THROWN(trainer.predict(model, data), MisconfigurationError);
    }
};
LEYDEN_TEST(TestCombinedLoader)
} // namespace tst_combined_loader

#include "tst_combined_loader.moc"
