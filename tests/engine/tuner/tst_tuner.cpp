// SPDX-License-Identifier: GPL-3.0-or-later
// The tuner against what Lightning's found (tests/lightning/record_tuner.py): rates, smoothed
// losses, suggestions and batch sizes, exactly; and that a search leaves no trace in the model, the
// generators and the Trainer.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "engine/tuner/learning_rate_finder.h"
#include "engine/tuner/out_of_memory.h"
#include "engine/tuner/tuner.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"
#include "tests/support/trace_text.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mse_loss.h>

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

namespace tst_tuner {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

/// The Data of the recording script.
class TunerData final : public LightningDataModule
{
public:
    explicit TunerData(const Json& one_)
        : one(one_), batch_size(one.at("batch_size").get<int64_t>())
    {
    }
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override
    {
        return {loader(one.at("rows").get<int64_t>(), 0, one.at("shuffle").get<bool>())};
    }
    DataLoaders val_dataloader() override
    {
        return one.at("val_rows") == 0 ? DataLoaders{} : test_dataloader();
    }
    DataLoaders test_dataloader() override
    {
        return {loader(one.at("val_rows").get<int64_t>(), 3, false)};
    }
    DataLoaders predict_dataloader() override { return test_dataloader(); }
    StateTree attribute(std::string_view key) const override
    {
        return key == "batch_size" ? StateTree(batch_size) : StateTree();
    }
    bool set_attribute(std::string_view key, const StateTree& value) override
    {
        if (key != "batch_size")
            return false;
        batch_size = value.to_int();
        return true;
    }

    const Json one;
    int64_t batch_size;

private:
    std::shared_ptr<DataLoader> loader(int64_t rows, int64_t phase, bool shuffle) const
    {
        const auto numbers = (at::arange(rows * 4, at::kLong) * 7 + phase).remainder(11) - 5;
        const auto x = numbers.reshape({rows, 4}).to(at::kFloat) / 8;
        return std::make_shared<DataLoader>(std::make_shared<TensorDataset>(std::vector<at::Tensor>{
                                                x, x.sum(1, true) * 0.5 + 0.25}),
            DataLoaderOptions{.batch_size = batch_size, .shuffle = shuffle});
    }
    DataSpec spec_;
};

/// The Model of the recording script.
class TunerModel final : public LightningModule
{
public:
    TunerModel(const Json& one_, TunerData& data_)
        : LightningModule("Model")
        , one(one_)
        , data(data_)
        , layer(register_module("layer", torch::nn::Linear(4, 1)))
        , memory(one.at("memory").is_null() ? std::numeric_limits<int64_t>::max()
                                            : one.at("memory").get<int64_t>())
        , none_at(one.at("none_at").get<std::vector<int64_t>>())
    {
        hparams = StateTree::dict();
        if (const auto name = one.at("attribute").get<std::string>(); !name.empty())
            hparams.set(name, 0.05);
    }
    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        auto loss = loss_of(batch);
        log("train_loss", loss);
        const bool gives_nothing = std::find(none_at.begin(), none_at.end(), idx) != none_at.end();
        return gives_nothing ? StepOutput() : StepOutput(std::move(loss));
    }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        log("val_loss", loss_of(batch));
        return {};
    }
    StateTree test_step(const Batch& batch, int64_t, int64_t) override
    {
        loss_of(batch);
        return {};
    }
    StateTree predict_step(const Batch& batch, int64_t, int64_t) override { return loss_of(batch); }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        const auto name = one.at("attribute").get<std::string>();
        const double lr = name.empty() ? 0.05 : hparams.at(name).to_double();
        if (one.at("optimizer") == "Adam")
            setup.optimizers.push_back(std::make_shared<Adam>(parameters(), AdamOptions{.lr = lr}));
        else
            setup.optimizers.push_back(
                std::make_shared<SGD>(parameters(), SGDOptions{.lr = lr, .momentum = 0.9}));
        if (one.at("scheduler").get<bool>()) {
            LRSchedulerConfig config;
            config.scheduler = std::make_shared<StepLR>(
                *setup.optimizers.front(), StepLROptions{.step_size = 2, .gamma = 0.9});
            config.interval = "step";
            setup.lr_schedulers.push_back(std::move(config));
        }
        return setup;
    }

    const Json one;
    TunerData& data;
    torch::nn::Linear layer;
    int64_t memory; ///< rows of the largest batch that fits
    std::vector<int64_t> none_at;
    std::function<void()> when_full
        = [] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory"); };
    bool throws = false; ///< something else than an end of memory

private:
    at::Tensor loss_of(const Batch& batch)
    {
        if (data.batch_size > memory)
            when_full();
        if (throws)
            throw DataError("in a trial");
        auto x = batch[0].tensor();
        if (const auto share = one.at("dropout").get<double>(); share > 0.0)
            x = at::dropout(x, share, is_training());
        return at::mse_loss(at::linear(x, layer->weight, layer->bias), batch[1].tensor());
    }
};

TrainerOptions options_of(const fs::path& root, const Json& said)
{
    auto options = bare_options(root);
    options.max_epochs.reset();
    for (const auto& [name, value] : said.items()) {
        if (name == "max_epochs")
            options.max_epochs = value.get<int64_t>();
        else if (name == "accumulate_grad_batches")
            options.accumulate_grad_batches = value.get<int64_t>();
        else if (name == "val_check_interval")
            options.val_check_interval = value.get<double>();
        else if (name == "gradient_clip_val")
            options.gradient_clip_val = value.get<double>();
        else
            qFatal("%s: the test does not know this argument", name.c_str());
    }
    return options;
}

LearningRateFinderOptions lr_options_of(const Json& said)
{
    LearningRateFinderOptions options;
    options.min_lr = said.value("min_lr", options.min_lr);
    options.max_lr = said.value("max_lr", options.max_lr);
    options.num_training_steps = said.value("num_training", options.num_training_steps);
    options.mode = said.value("mode", "exponential") == "linear" ? RangeMode::Linear
                                                                 : RangeMode::Exponential;
    if (said.contains("early_stop_threshold"))
        options.early_stop_threshold = said.at("early_stop_threshold").is_null()
            ? std::nullopt
            : std::optional(said.at("early_stop_threshold").get<double>());
    options.attr_name = said.value("attr_name", "");
    return options;
}

BatchSizeFinderOptions size_options_of(const Json& said)
{
    BatchSizeFinderOptions options;
    options.mode = said.value("mode", "power") == "power" ? BatchSizeMode::Power
                                                          : BatchSizeMode::BinarySearch;
    options.steps_per_trial = said.value("steps_per_trial", options.steps_per_trial);
    options.init_val = said.value("init_val", options.init_val);
    options.max_trials = said.value("max_trials", options.max_trials);
    options.margin = said.value("margin", options.margin);
    options.max_val = said.value("max_val", options.max_val);
    return options;
}

/// Model, data and Trainer of a case, and what a search may not change.
struct Bench
{
    explicit Bench(const Json& one, TrainerParts parts = {}) : data(one)
    {
        seed_everything(7);
        model = std::make_unique<TunerModel>(one, data);
        parts.observer = &events;
        trainer = std::make_unique<Trainer>(
            options_of(folder.path().toStdString(), one.at("trainer")), std::move(parts));
    }
    std::string state() const
    {
        std::string text;
        for (const auto& parameter : model->parameters()) {
            const auto tensor = parameter.detach().contiguous();
            text.append(static_cast<const char*>(tensor.const_data_ptr()), size_t(tensor.nbytes()));
            text += parameter.grad().defined() ? "gradient" : "none";
            text += parameter.requires_grad() ? "wants" : "frozen";
        }
        const auto generator = generator_states().at("cpu").tensor().contiguous();
        text.append(
            static_cast<const char*>(generator.const_data_ptr()), size_t(generator.nbytes()));
        text += model->is_training() ? "train" : "eval";
        return text + std::to_string(trainer->global_step()) + ","
            + std::to_string(trainer->current_epoch()) + ","
            + std::to_string(trainer->batches_that_stepped()) + ","
            + std::to_string(trainer->callbacks().size());
    }

    QTemporaryDir folder;
    EventList events = {};
    TunerData data;
    std::unique_ptr<TunerModel> model;
    std::unique_ptr<Trainer> trainer;
};

Json plain_case(const char* more = "{}")
{
    auto one = Json::parse(
        R"({"options": {}, "trainer": {"max_epochs": 20}, "rows": 92, "val_rows": 8, "batch_size": 4,
        "shuffle": true, "dropout": 0.3, "optimizer": "SGD", "scheduler": true, "none_at": [], "attribute": "lr",
        "callback": false, "memory": null, "method": "fit"})");
    one.update(Json::parse(more));
    return one;
}

TrainerFn method_of(const Json& one)
{
    const auto name = one.at("method").get<std::string>();
    return name == "validate" ? TrainerFn::Validate
        : name == "test"      ? TrainerFn::Test
        : name == "predict"   ? TrainerFn::Predict
                              : TrainerFn::Fit;
}

QString curve_difference(const LRCurve& curve, const Json& one, const Tolerance& tolerance)
{
    if (curve.lr.size() != one.at("lr").size() || curve.loss.size() != one.at("loss").size())
        return QStringLiteral("%1 rates and %2 losses, recorded %3")
            .arg(curve.lr.size())
            .arg(curve.loss.size())
            .arg(one.at("lr").size());
    for (size_t i = 0; i < curve.lr.size(); ++i) {
        const auto loss = std::isnan(curve.loss[i]) ? Json("NaN") : Json(curve.loss[i]);
        if (!is_near(curve.lr[i], one.at("lr")[i], tolerance)
            || !is_near(loss, one.at("loss")[i], tolerance))
            return QStringLiteral("point %1: %2, %3")
                .arg(i)
                .arg(curve.lr[i], 0, 'g', 17)
                .arg(curve.loss[i], 0, 'g', 17);
    }
    return {};
}

} // namespace

class TestTuner final : public QObject
{
    Q_OBJECT

private:
    std::vector<TorchReference> m_rates = references(QStringLiteral("lr_find"));
    std::vector<TorchReference> m_sizes = references(QStringLiteral("batch_size"));

    static std::vector<TorchReference> references(const QString& name)
    {
        return torch_references(name, QStringLiteral("tuner"), QStringLiteral("record_tuner.py"));
    }

private Q_SLOTS:
    // Learning rate --------------------------------------------------------------------------------
    void findsLightningsRates_data() { add_reference_rows(m_rates); }
    void findsLightningsRates()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = m_rates[size_t(reference)];
        const auto& one = recorded.cases[size_t(index)];
        const auto tolerance = recorded.tolerance(Computed::InSteps);
        const auto options = lr_options_of(one.at("options"));
        if (one.contains("refused")) {
            Bench bench(one);
            QVERIFY_EXCEPTION_THROWN(
                Tuner(*bench.trainer).lr_find(*bench.model, bench.data, options),
                MisconfigurationError);
            return;
        }
        LRCurve curve;
        std::optional<double> suggestion;
        TrainerParts parts;
        const LearningRateFinder* finder = nullptr;
        const QTemporaryDir folder;
        const fs::path trace = (folder.path() + QStringLiteral("/trace.jsonl")).toStdString();
        if (one.at("callback").get<bool>()) {
            auto made = std::make_unique<LearningRateFinder>(options);
            finder = made.get();
            parts.callbacks.push_back(std::move(made));
            parts.trace_file = trace;
        }
        Bench bench(one, std::move(parts));
        const auto before = bench.state();
        if (finder) {
            bench.trainer->fit(*bench.model, bench.data);
            curve = finder->curve();
            suggestion = finder->suggestion();
        } else {
            const auto found = Tuner(*bench.trainer).lr_find(*bench.model, bench.data, options);
            curve = found.curve;
            suggestion = found.suggestion();
            QVERIFY(bench.state() == before);
        }
        if (one.at("lr").size() < size_t(options.num_training_steps)
            && one.at("trainer").value("max_epochs", 1000) < 3) {
            // Lightning's search ends with max_epochs; ours goes on where that one stopped.
            QCOMPARE(curve.lr.size(), size_t(options.num_training_steps));
            curve.lr.resize(one.at("lr").size());
            curve.loss.resize(one.at("loss").size());
            QCOMPARE(curve_difference(curve, one, tolerance), QString());
            return;
        }
        QCOMPARE(curve_difference(curve, one, tolerance), QString());
        QCOMPARE(suggestion.has_value(), !one.at("suggestion").is_null());
        if (suggestion)
            QVERIFY(is_near(*suggestion, one.at("suggestion"), tolerance));
        QVERIFY(is_near(bench.model->hparams.at(one.at("attribute").get<std::string>()).to_double(),
            one.at("attribute_after"), tolerance));
        QCOMPARE(bench.trainer->global_step(), one.at("global_step").get<int64_t>());
        QCOMPARE(bench.trainer->current_epoch(), one.at("current_epoch").get<int64_t>());
        for (const auto& item : bench.model->named_parameters())
            COMPARE_RECORDED(item.value(), one.at("weights").at(item.key()), tolerance);
        if (finder) {
            QCOMPARE(bench.trainer->optimizers()[0]->param_groups()[0].lr,
                one.at("rates")[0].get<double>());
            bench.trainer.reset();
            QCOMPARE(trace_difference(short_trace(trace), one.at("trace"), tolerance), QString());
        }
    }

    // The fit after a search is the fit that a Trainer without the search makes, but for the rate.
    void fitGoesOnAsIfThereHadBeenNoSearch_data()
    {
        QTest::addColumn<bool>("asCallback");
        QTest::newRow("Tuner") << false;
        QTest::newRow("LearningRateFinder") << true;
    }
    void fitGoesOnAsIfThereHadBeenNoSearch()
    {
        QFETCH(const bool, asCallback);
        const auto one = plain_case(R"({"trainer": {"max_epochs": 2}})");
        LearningRateFinderOptions options;
        options.num_training_steps = 30;
        options.update_attr = false;
        Bench plain(one);
        plain.trainer->fit(*plain.model, plain.data);
        TrainerParts parts;
        if (asCallback)
            parts.callbacks.push_back(std::make_unique<LearningRateFinder>(options));
        Bench tuned(one, std::move(parts));
        if (!asCallback)
            QCOMPARE(
                Tuner(*tuned.trainer).lr_find(*tuned.model, tuned.data, options).curve.lr.size(),
                size_t(30));
        tuned.trainer->fit(*tuned.model, tuned.data);
        for (size_t i = 0; i < 2; ++i)
            QVERIFY(tuned.model->parameters()[i].equal(plain.model->parameters()[i]));
        QCOMPARE(tuned.trainer->global_step(), plain.trainer->global_step());
        QCOMPARE(tuned.trainer->optimizers()[0]->param_groups()[0].lr,
            plain.trainer->optimizers()[0]->param_groups()[0].lr);
    }

    void suggestsByEachMethod()
    {
        // Falls slowly up to 1e-4, fast at 1e-2, is lowest at 1e-1, and diverges.
        LRCurve curve;
        for (int i = 0; i <= 60; ++i) {
            const double x = -6.0 + 0.1 * i; // log10 of the rate
            curve.lr.push_back(std::pow(10.0, x));
            const double fall = 1.0 / (1.0 + std::exp(4.0 * (x + 2.0)));
            curve.loss.push_back(0.2 + fall + (x > -1.0 ? (x + 1.0) * (x + 1.0) * 5.0 : 0.0));
        }
        const auto log_of
            = [&](SuggestionMethod method) { return std::log10(*suggested_lr(curve, method)); };
        QVERIFY(std::abs(log_of(SuggestionMethod::Steepest) + 2.0) < 0.11);
        QVERIFY(std::abs(log_of(SuggestionMethod::Minimum) + 2.0) < 0.25);
        const double valley = log_of(SuggestionMethod::Valley);
        QVERIFY2(valley > -4.0 && valley < -2.0, QByteArray::number(valley).constData());
        // small rates win
        QVERIFY(log_of(SuggestionMethod::Lightning) <= log_of(SuggestionMethod::Steepest));
    }

    void suggestsNothingOfTooFewPoints()
    {
        LRCurve curve{.lr = {1e-3, 1e-2, 1e-1}, .loss = {1.0, std::nan(""), 0.5}};
        for (const auto method : {SuggestionMethod::Lightning, SuggestionMethod::Steepest,
                 SuggestionMethod::Valley, SuggestionMethod::Minimum}) {
            QVERIFY(!suggested_lr(curve, method));
            QVERIFY(!suggested_lr(curve, method, 0, 1)); // what is not finite does not count
            QVERIFY(suggested_lr(curve, method, 0, 0));
        }
    }

    void searchesAsFarAsItIsAskedWhateverTheRunsLimit_data()
    {
        QTest::addColumn<bool>("asCallback");
        QTest::newRow("Tuner") << false;
        QTest::newRow("LearningRateFinder") << true;
    }
    void searchesAsFarAsItIsAskedWhateverTheRunsLimit()
    {
        QFETCH(const bool, asCallback);
        const LearningRateFinderOptions options{.num_training_steps = 60};
        TrainerParts parts;
        auto made = std::make_unique<LearningRateFinder>(options);
        const auto* finder = made.get();
        if (asCallback)
            parts.callbacks.push_back(std::move(made));
        Bench bench(plain_case(R"({"trainer": {"max_epochs": 1}})"), std::move(parts)); // 23 steps
        if (!asCallback) {
            const auto found = Tuner(*bench.trainer).lr_find(*bench.model, bench.data, options);
            QCOMPARE(found.curve.lr.size(), size_t(60));
            return;
        }
        bench.trainer->fit(*bench.model, bench.data);
        QCOMPARE(finder->curve().lr.size(), size_t(60));
        QCOMPARE(bench.trainer->current_epoch(), int64_t(1)); // the fit has its limit
        QCOMPARE(bench.trainer->global_step(), int64_t(23));
    }

    void sweepsDownwardsToo() // as Lightning's formula gives it
    {
        Bench bench(plain_case());
        const auto found = Tuner(*bench.trainer)
                               .lr_find(*bench.model, bench.data,
                                   {.min_lr = 1.0,
                                       .max_lr = 1e-4,
                                       .num_training_steps = 4,
                                       .early_stop_threshold = std::nullopt});
        const std::vector<double> expected{1.0, 1e-2, 1e-3, 1e-4};
        QCOMPARE(found.curve.lr.size(), expected.size());
        for (size_t i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(found.curve.lr[i] / expected[i] - 1.0) < 1e-9);
    }

    void putsEverythingBackWhereATrialFails()
    {
        Bench bench(plain_case());
        const auto before = bench.state();
        bench.model->throws = true;
        QVERIFY_EXCEPTION_THROWN(
            Tuner(*bench.trainer).lr_find(*bench.model, bench.data), DataError);
        QVERIFY(bench.state() == before);
        QCOMPARE(bench.model->hparams.at("lr").to_double(), 0.05);
        bench.model->throws = false;
        bench.trainer->fit(*bench.model, bench.data); // the Trainer can still be used
        QCOMPARE(bench.trainer->current_epoch(), int64_t(20));
    }

    void endsWhereTheProgramIsInterrupted()
    {
        RunControl control;
        TrainerParts parts;
        parts.control = &control;
        Bench bench(plain_case(), std::move(parts));
        const auto before = bench.state();
        bench.model->memory = 0; // the first step
        bench.model->when_full = [&] { control.interrupt(2); };
        QVERIFY_EXCEPTION_THROWN(
            Tuner(*bench.trainer).lr_find(*bench.model, bench.data), RunInterrupted);
        QVERIFY(bench.state() == before);
    }

    void refusesBadOptions()
    {
        QVERIFY_EXCEPTION_THROWN(LearningRateFinder({.min_lr = 0.0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(LearningRateFinder({.max_lr = 1e39}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            LearningRateFinder({.num_training_steps = 0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(BatchSizeFinder({.init_val = 0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(BatchSizeFinder({.margin = 1.0}), MisconfigurationError);
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<LearningRateFinder>());
        Bench bench(plain_case(), std::move(parts));
        QVERIFY_EXCEPTION_THROWN(
            Tuner(*bench.trainer).lr_find(*bench.model, bench.data), MisconfigurationError);
    }

    // Batch size -----------------------------------------------------------------------------------
    void findsLightningsSizes_data() { add_reference_rows(m_sizes); }
    void findsLightningsSizes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& one = m_sizes[size_t(reference)].cases[size_t(index)];
        Bench bench(one);
        const auto before = bench.state();
        const auto found = Tuner(*bench.trainer)
                               .scale_batch_size(*bench.model, bench.data,
                                   size_options_of(one.at("options")), method_of(one));
        auto tried = Json::array();
        for (const auto& trial : found.trials) {
            tried.push_back(trial.batch_size);
            QCOMPARE(trial.fits, trial.batch_size <= bench.model->memory);
        }
        QCOMPARE(tried.dump(), one.at("tried").dump());
        QCOMPARE(found.batch_size.value(), one.at("batch_size_found").get<int64_t>());
        QCOMPARE(bench.data.batch_size, one.at("attribute_after").get<int64_t>());
        QVERIFY(bench.state() == before);
    }

    void survivesEachKindOfOutOfMemory_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("std::bad_alloc") << 0;
        QTest::newRow("an allocation of the host") << 1;
        QTest::newRow("a device's error") << 2;
    }
    void survivesEachKindOfOutOfMemory()
    {
        QFETCH(const int, kind);
        Bench bench(plain_case(R"({"rows": 1000, "memory": 30})"));
        bench.model->when_full = [kind] {
            if (kind == 0)
                throw std::bad_alloc();
            if (kind == 1)
                at::empty({int64_t(1) << 50}, at::kFloat); // a petabyte or four
            TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory");
        };
        const auto found = Tuner(*bench.trainer).scale_batch_size(*bench.model, bench.data);
        QCOMPARE(found.batch_size.value(), int64_t(16));
        QCOMPARE(found.largest_fit().value(), int64_t(16));
        bench.trainer->fit(*bench.model, bench.data); // the run that follows, with what was found
        QCOMPARE(bench.trainer->num_training_batches(), int64_t(63));
    }

    void otherErrorsEndTheSearch()
    {
        Bench bench(plain_case(R"({"rows": 1000})"));
        bench.model->throws = true;
        QVERIFY_EXCEPTION_THROWN(
            Tuner(*bench.trainer).scale_batch_size(*bench.model, bench.data), DataError);
        QCOMPARE(bench.data.batch_size, int64_t(4));
    }

    void saysSoWhereNotOneRowFits()
    {
        Bench bench(plain_case(R"({"rows": 1000, "memory": 0})"));
        QVERIFY_EXCEPTION_THROWN(Tuner(*bench.trainer).scale_batch_size(*bench.model, bench.data),
            MisconfigurationError);
        QCOMPARE(bench.data.batch_size, int64_t(4));
    }

    void finderInAFitGoesOnWithWhatItFound()
    {
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<BatchSizeFinder>());
        Bench bench(plain_case(R"({"rows": 1000, "memory": 30, "trainer": {"max_epochs": 1}})"),
            std::move(parts));
        bench.trainer->fit(*bench.model, bench.data);
        QCOMPARE(bench.trainer->global_step(), int64_t(63)); // ceil(1000 / 16)
    }

    void finderInAFitTakesASizeThatWasTried_data()
    {
        QTest::addColumn<int64_t>("initVal");
        QTest::addColumn<int64_t>("maxTrials");
        QTest::addColumn<int64_t>("maxVal");
        QTest::addColumn<int64_t>("size");
        using I = int64_t;
        QTest::newRow("max_val 50") << I(2) << I(25) << I(50) << I(32); // Lightning's: 64
        QTest::newRow("max_val 64") << I(2) << I(25) << I(64) << I(32); // 64 itself is not tried
        QTest::newRow("begins above max_val") << I(4096) << I(25) << I(50) << I(4);
        QTest::newRow("no trials") << I(2) << I(0) << I(8192) << I(4);
        QTest::newRow("three trials") << I(2) << I(3) << I(8192) << I(8);
    }
    void finderInAFitTakesASizeThatWasTried()
    {
        QFETCH(const int64_t, initVal);
        QFETCH(const int64_t, maxTrials);
        QFETCH(const int64_t, maxVal);
        QFETCH(const int64_t, size);
        TrainerParts parts;
        parts.callbacks.push_back(std::make_unique<BatchSizeFinder>(BatchSizeFinderOptions{
            .init_val = initVal, .max_trials = maxTrials, .max_val = maxVal}));
        Bench bench(
            plain_case(R"({"rows": 1000, "trainer": {"max_epochs": 1}})"), std::move(parts));
        bench.trainer->fit(*bench.model, bench.data);
        QCOMPARE(bench.data.batch_size, size);
        QCOMPARE(bench.trainer->global_step(), (1000 + size - 1) / size);
    }

    void takesTheFirstSizeWhereNothingMayBeTried() // as Lightning
    {
        Bench bench(plain_case(R"({"rows": 1000})"));
        const auto found
            = Tuner(*bench.trainer).scale_batch_size(*bench.model, bench.data, {.max_trials = 0});
        QCOMPARE(found.batch_size.value(), int64_t(2));
        QVERIFY(found.trials.empty());
    }

    void finderNeedsABatchSize()
    {
        TrainerParts parts;
        parts.callbacks.push_back(
            std::make_unique<BatchSizeFinder>(BatchSizeFinderOptions{.batch_arg_name = "rows"}));
        Bench bench(plain_case(), std::move(parts));
        QVERIFY_EXCEPTION_THROWN(
            bench.trainer->fit(*bench.model, bench.data), MisconfigurationError);
    }
};
LEYDEN_TEST(TestTuner)
} // namespace tst_tuner

#include "tst_tuner.moc"
