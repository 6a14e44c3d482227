// SPDX-License-Identifier: GPL-3.0-or-later
// log() against what Lightning made of the same calls (tests/lightning/record_logging.py): rows,
// dictionaries, results and refusals, exactly; and what only we have.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/metrics/confusion_matrix.h"
#include "engine/metrics/mse.h"
#include "engine/optim/sgd.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DefaultDtype.h>

#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QtTest>

#include <cmath>
#include <cstdio>
#include <limits>

#include <unistd.h>

namespace tst_logging {
using namespace leyden;
using namespace leyden::test;

namespace {

Json number(double value)
{
    return std::isnan(value) ? Json("nan") : Json(value);
}

Json numbers(const MetricDict& metrics)
{
    auto result = Json::object();
    metrics.for_each([&](const std::string& name, const LoggedValue& value) {
        result[name] = number(value.read());
    });
    return result;
}

/// Without the order of keys, which no reader of a row or dictionary relies on.
QString unordered(const Json& value)
{
    return QString::fromStdString(nlohmann::json::parse(value.dump()).dump());
}

LogOptions options_of(const Json& given)
{
    LogOptions options;
    const auto flag = [&](const char* name) {
        return given.contains(name) ? std::optional(given.at(name).get<bool>()) : std::nullopt;
    };
    options.on_step = flag("on_step");
    options.on_epoch = flag("on_epoch");
    options.logger = flag("logger");
    options.prog_bar = given.value("prog_bar", false);
    options.add_dataloader_idx = given.value("add_dataloader_idx", true);
    if (given.contains("batch_size"))
        options.batch_size = given.at("batch_size").get<int64_t>();
    const auto reduce = given.value("reduce_fx", "mean");
    options.reduce_fx = reduce == "min" ? Reduce::Min
        : reduce == "max"               ? Reduce::Max
        : reduce == "sum"               ? Reduce::Sum
                                        : Reduce::Mean;
    return options;
}

/// One weight, and hooks that make the calls of a case.
class LoggingModel final : public LightningModule
{
public:
    explicit LoggingModel(Json calls = Json::array())
        : LightningModule("LoggingModel"), calls_(std::move(calls))
    {
        weight = register_parameter("weight", at::zeros({}));
        metrics_.resize(calls_.size());
        for (size_t i = 0; i < calls_.size(); ++i) {
            if (calls_[i].at("kind") == "metric")
                register_metric("metric_" + std::to_string(i), metrics_[i]);
        }
    }

    std::function<void(LoggingModel&, int64_t batch_idx)> on_training_step = {};
    bool has_odd_batches = false; ///< a tensor of three rows before the batch
    at::Tensor weight;

    Batch on_before_batch_transfer(Batch batch, int64_t) override
    {
        return has_odd_batches ? StateTree::list({at::zeros({3, 1}), batch}) : batch;
    }
    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        make_calls(Hook::TrainingStep, idx);
        if (on_training_step)
            on_training_step(*this, idx);
        return (batch[0].tensor() * weight).sum();
    }
    StateTree validation_step(const Batch&, int64_t idx, int64_t loader) override
    {
        make_calls(Hook::ValidationStep, idx, loader);
        return {};
    }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        setup.optimizers.push_back(
            std::make_shared<SGD>(std::vector<at::Tensor>{weight}, SGDOptions{.lr = 0.0}));
        return setup;
    }
    void setup(TrainerFn) override { make_calls(Hook::Setup); }
    void on_fit_start() override { make_calls(Hook::OnFitStart); }
    void on_fit_end() override { make_calls(Hook::OnFitEnd); }
    void on_train_start() override { make_calls(Hook::OnTrainStart); }
    void on_train_end() override { make_calls(Hook::OnTrainEnd); }
    void on_train_epoch_start() override { make_calls(Hook::OnTrainEpochStart); }
    void on_train_epoch_end() override { make_calls(Hook::OnTrainEpochEnd); }
    int on_train_batch_start(const Batch&, int64_t idx) override
    {
        make_calls(Hook::OnTrainBatchStart, idx);
        return 0;
    }
    void on_train_batch_end(const StateTree&, const Batch&, int64_t idx) override
    {
        make_calls(Hook::OnTrainBatchEnd, idx);
    }
    void on_validation_start() override { make_calls(Hook::OnValidationStart); }
    void on_validation_end() override { make_calls(Hook::OnValidationEnd); }
    void on_validation_epoch_start() override { make_calls(Hook::OnValidationEpochStart); }
    void on_validation_epoch_end() override { make_calls(Hook::OnValidationEpochEnd); }
    void on_validation_model_eval() override { make_calls(Hook::OnValidationModelEval); }
    void on_validation_batch_start(const Batch&, int64_t idx, int64_t loader) override
    {
        make_calls(Hook::OnValidationBatchStart, idx, loader);
    }
    void on_validation_batch_end(
        const StateTree&, const Batch&, int64_t idx, int64_t loader) override
    {
        make_calls(Hook::OnValidationBatchEnd, idx, loader);
    }

private:
    void make_calls(Hook hook, int64_t idx = 0, int64_t loader = 0)
    {
        for (size_t i = 0; i < calls_.size(); ++i) {
            const auto& call = calls_[i];
            if (call.at("hook") != hook_name(hook) || call.value("loader", loader) != loader)
                continue;
            const auto [base, by_batch, by_loader, by_epoch]
                = call.at("value").get<std::array<double, 4>>();
            auto value = base + by_batch * double(idx) + by_loader * double(loader)
                + by_epoch * double(trainer()->current_epoch());
            if (idx == call.value("nan_at", int64_t(-1)))
                value = std::numeric_limits<double>::quiet_NaN();
            log_value(call, value, i);
        }
    }

    void log_value(const Json& call, double value, size_t index)
    {
        const auto name = call.at("name").get<std::string>();
        const auto kind = call.at("kind").get<std::string>();
        const auto options = options_of(call.at("options"));
        MSE loose;
        auto& metric = kind == "metric" ? metrics_[index] : loose;
        if (kind == "metric" || kind == "loose metric") {
            metric.update(at::full({3}, value, at::kFloat), at::zeros({3}));
            log(name, metric, options);
        } else if (kind == "float") {
            log(name, value, options);
        } else if (kind == "int") {
            log(name, int(value), options);
        } else if (kind == "bool") {
            log(name, value != 0.0, options);
        } else if (kind == "one element") {
            log(name, at::full({1, 1}, value, at::kFloat), options);
        } else if (kind == "vector") {
            log(name, at::full({2}, value, at::kFloat), options);
        } else {
            const auto type = kind == "float64" ? at::kDouble
                : kind == "float16"             ? at::kHalf
                : kind == "long"                ? at::kLong
                                                : at::kFloat;
            log(name, at::scalar_tensor(value, at::kFloat).to(type), options);
        }
    }

    Json calls_;
    std::vector<MSE> metrics_;
};

/// Zeros, in loaders of given numbers of rows.
class ZeroData final : public LightningDataModule
{
public:
    ZeroData(int64_t train_rows, std::vector<int64_t> val_rows, int64_t batch_size = 4)
        : train_rows_(train_rows), val_rows_(std::move(val_rows)), batch_size_(batch_size)
    {
    }
    std::string name() const override { return "ZeroData"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return {loader(train_rows_)}; }
    DataLoaders val_dataloader() override
    {
        DataLoaders loaders;
        for (const auto rows : val_rows_)
            loaders.push_back(loader(rows));
        return loaders;
    }

private:
    std::shared_ptr<DataLoader> loader(int64_t rows) const
    {
        return std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector<at::Tensor>{at::zeros({rows, 1})}),
            DataLoaderOptions{.batch_size = batch_size_});
    }
    int64_t train_rows_;
    std::vector<int64_t> val_rows_;
    int64_t batch_size_;
    DataSpec spec_;
};

/// Writes rows down, without the epochs that the Trainer adds.
class RowLogger final : public Logger
{
public:
    explicit RowLogger(Json& rows) : rows_(rows) { }
    std::string name() const override { return "rows"; }
    std::string version() const override { return "0"; }
    std::filesystem::path log_dir() const override { return {}; }
    void open(FileSystem&, const std::filesystem::path&, const std::filesystem::path&) override { }
    void resume_at(int64_t) override { }
    void log_metrics(const MetricRow& row) override
    {
        auto values = Json::object();
        for (const auto& value : row.values) {
            if (value.name != "epoch" || !value.is_integer)
                values[value.name] = number(value.value);
        }
        rows_.push_back({row.step, values});
    }
    void finalize(LoggerStatus) override { }

private:
    Json& rows_; ///< read once the run is over: a writer thread fills it
};

} // namespace

class TestLogging final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::vector<TorchReference> m_references = torch_references(
        QStringLiteral("calls"), QStringLiteral("logging"), QStringLiteral("record_logging.py"));
    std::string root() const { return m_folder.path().toStdString(); }

    /// A fit of `model`; what was logged last, or the refusal's text under "refused".
    Json fit(LoggingModel& model, EventList* events = nullptr, std::vector<int64_t> val_rows = {},
        int64_t epochs = 1)
    {
        ZeroData data(10, std::move(val_rows));
        auto options = bare_options(root());
        options.max_epochs = epochs;
        TrainerParts parts;
        parts.observer = events;
        Trainer trainer(options, std::move(parts));
        try {
            trainer.fit(model, data);
        } catch (const MisconfigurationError& error) {
            return {{"refused", error.what()}};
        }
        return numbers(trainer.callback_metrics());
    }
    QString refusal(std::function<void(LoggingModel&, int64_t)> step)
    {
        LoggingModel model;
        model.on_training_step = std::move(step);
        return QString::fromStdString(fit(model).value("refused", std::string()));
    }

private Q_SLOTS:
    void doesWhatLightningDoes_data() { add_reference_rows(m_references); }

    void doesWhatLightningDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& wanted = m_references[size_t(reference)].cases[size_t(index)];
        auto seen = Json::array();
        const auto watch = [&](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainBatchEnd || hook == Hook::OnValidationEnd
                || hook == Hook::OnTrainEpochEnd)
                seen.push_back({hook_name(hook), numbers(trainer.callback_metrics())});
        };
        auto rows = Json::array();
        TrainerParts parts;
        parts.loggers.push_back(std::make_unique<RowLogger>(rows));
        parts.callbacks.push_back(std::make_unique<HookCallback>(watch));
        auto options = bare_options(root());
        options.max_epochs = wanted.at("epochs").get<int64_t>();
        options.log_every_n_steps = wanted.at("log_every").get<int64_t>();
        options.val_check_interval = wanted.at("val_check_interval").get<double>();
        ZeroData data(wanted.at("train_rows").get<int64_t>(),
            wanted.at("val_rows").get<std::vector<int64_t>>(),
            wanted.at("batch_size").get<int64_t>());
        LoggingModel model(wanted.at("calls"));
        Trainer trainer(options, std::move(parts));
        if (wanted.contains("refused")) {
            QVERIFY_EXCEPTION_THROWN(trainer.fit(model, data), MisconfigurationError);
            return;
        }
        trainer.fit(model, data);
        QCOMPARE(unordered(rows), unordered(wanted.at("rows")));
        if (wanted.contains("seen"))
            QCOMPARE(unordered(seen), unordered(wanted.at("seen")));
        QCOMPARE(unordered(numbers(trainer.callback_metrics())),
            unordered(wanted.at("callback_metrics")));
        QCOMPARE(
            unordered(numbers(trainer.logged_metrics())), unordered(wanted.at("logged_metrics")));
        QCOMPARE(unordered(numbers(trainer.progress_bar_metrics())),
            unordered(wanted.at("progress_bar_metrics")));
        auto results = Json::array();
        for (const auto& loader : trainer.validate(model, data)) {
            auto values = Json::object();
            for (const auto& [name, value] : loader)
                values[name] = number(value);
            results.push_back(std::move(values));
        }
        QCOMPARE(unordered(results), unordered(wanted.at("validate")));
    }

    void aDictIsAsManyCalls()
    {
        LoggingModel model;
        MSE metric;
        model.register_metric("metric", metric);
        model.on_training_step = [&](LoggingModel& m, int64_t idx) {
            metric.update(at::full({3}, 2.0, at::kFloat), at::zeros({3}));
            LogOptions epoch;
            epoch.on_step = false;
            epoch.on_epoch = true;
            m.log_dict({{"tensor", at::scalar_tensor(idx, at::kFloat)}, {"number", 0.5},
                           {"metric", metric}},
                epoch);
        };
        const auto logged = fit(model);
        QCOMPARE(logged.at("tensor").get<double>(), double(0.8F)); // 0, 1, 2 of 4, 4, 2 rows
        QCOMPARE(logged.at("number").get<double>(), 0.5);
        QCOMPARE(logged.at("metric").get<double>(), 4.0);
    }

    void aMetricIsResetForEachEpoch()
    {
        LoggingModel model;
        MSE metric;
        model.register_metric("metric", metric);
        model.on_training_step = [&](LoggingModel& m, int64_t) {
            metric.update(at::full({3}, double(m.trainer()->current_epoch() + 1), at::kFloat),
                at::zeros({3}));
            LogOptions epoch;
            epoch.on_step = false;
            epoch.on_epoch = true;
            m.log("mse", metric, epoch);
        };
        QCOMPARE(fit(model, nullptr, {}, 2).at("mse").get<double>(), 4.0);
    }

    void aMetricGoesOnInTheMiddleOfAnEpoch()
    {
        StateTree checkpoint;
        std::vector<double> values;
        for (const bool resumes : {false, true}) {
            LoggingModel model;
            MSE metric;
            model.register_metric("metric", metric);
            model.on_training_step = [&](LoggingModel& m, int64_t idx) {
                metric.update(at::full({3}, double(idx + 1), at::kFloat), at::zeros({3}));
                LogOptions both;
                both.on_step = true;
                both.on_epoch = true;
                m.log("mse", metric, both);
            };
            TrainerParts parts;
            parts.callbacks.push_back(std::make_unique<HookCallback>(
                [&](Trainer& trainer, LightningModule&, Hook hook, int64_t idx) {
                    if (hook == Hook::OnTrainBatchEnd && idx == 1 && !resumes)
                        checkpoint = trainer.dump_checkpoint().deep_copy();
                }));
            auto options = bare_options(root());
            options.max_epochs = 1;
            ZeroData data(10, {});
            Trainer trainer(options, std::move(parts));
            const std::filesystem::path file = resumes ? "middle.ckpt" : "";
            if (resumes)
                trainer.preload_checkpoint(file, checkpoint);
            trainer.fit(model, data, file);
            values.push_back(trainer.callback_metrics().find("mse").value_or(-1.0));
        }
        QCOMPARE(values[0], double(14.0F / 3.0F)); // 1, 4, 9
        QCOMPARE(values[1], values[0]);
    }

    void aMetricOfSeveralValuesIsRefused()
    {
        LoggingModel model;
        ConfusionMatrix matrix({.num_classes = 2});
        model.register_metric("matrix", matrix);
        model.on_training_step = [&](LoggingModel& m, int64_t) {
            matrix.update(at::zeros({2}, at::kLong), at::zeros({2}, at::kLong));
            m.log("matrix", matrix);
        };
        QVERIFY(QString::fromStdString(fit(model).value("refused", std::string()))
                .contains(QStringLiteral("4 elements")));
    }

    void twoMetricsOfAName()
    {
        LoggingModel model;
        MSE metric;
        model.register_metric("metric", metric);
        QVERIFY_EXCEPTION_THROWN(model.register_metric("metric", metric), MisconfigurationError);
    }

    void saysWhatIsWrong()
    {
        LogOptions neither;
        neither.on_step = neither.on_epoch = false;
        QVERIFY(refusal([&](LoggingModel& m, int64_t) {
            m.log("x", 1.0, neither);
        }).contains(QStringLiteral("both false")));
        QVERIFY(refusal([](LoggingModel& m, int64_t) {
            m.log("x", at::zeros({2}));
        }).contains(QStringLiteral("2 elements")));
        QVERIFY(refusal([](LoggingModel& m, int64_t) {
            MSE loose;
            loose.update(at::zeros({1}), at::zeros({1}));
            m.log("x", loose);
        }).contains(QStringLiteral("register_metric")));
    }

    void warnsOnceARun()
    {
        LoggingModel model;
        model.on_training_step = [](LoggingModel& m, int64_t) {
            LogOptions to_logger;
            to_logger.logger = true;
            m.log("whole", at::scalar_tensor(3, at::kLong));
            m.log("nowhere", 1.0, to_logger);
        };
        EventList events;
        fit(model, &events, {}, 2);
        QCOMPARE(events.warnings("'whole'").size(), size_t(1));
        QCOMPARE(events.warnings("no logger").size(), size_t(1));
    }

    void warnsOfABatchSizeThatMayBeAnother()
    {
        LoggingModel model;
        model.has_odd_batches = true;
        model.on_training_step = [](LoggingModel& m, int64_t idx) {
            LogOptions epoch;
            epoch.on_step = false;
            epoch.on_epoch = true;
            m.log("x", double(idx), epoch);
        };
        EventList events;
        QCOMPARE(fit(model, &events).at("x").get<double>(), 1.0); // 0, 1, 2, each of 3 rows
        QCOMPARE(events.warnings("first dimension").size(), size_t(1));
    }

    void outsideOfARunNothingIsLogged()
    {
        QTemporaryFile output; // in place of standard output, which is for results
        QVERIFY(output.open());
        std::fflush(stdout);
        const int kept = dup(STDOUT_FILENO);
        dup2(output.handle(), STDOUT_FILENO);
        LoggingModel model;
        model.log("x", 1.0); // warns, and does not fail
        MSE loose;
        model.log_dict({{"y", at::zeros({})}, {"z", loose}});
        std::fflush(stdout);
        dup2(kept, STDOUT_FILENO);
        close(kept);
        QVERIFY(!model.trainer());
        QVERIFY(output.seek(0));
        QCOMPARE(output.readAll(), QByteArray());
    }

    void numbersHaveTheDefaultDtype()
    {
        const auto before = at::get_default_dtype();
        LoggingModel model;
        model.on_training_step = [&](LoggingModel& m, int64_t) {
            m.log("single", 0.1);
            at::set_default_dtype(caffe2::TypeMeta::Make<double>());
            m.log("double", 0.1);
            at::set_default_dtype(before);
        };
        const auto logged = fit(model);
        QCOMPARE(logged.at("single").get<double>(), double(0.1F));
        QCOMPARE(logged.at("double").get<double>(), 0.1);
    }

    void findsTheBatchSize()
    {
        const auto four = StateTree(at::zeros({4, 2}));
        const auto two = StateTree(at::zeros({2}));
        bool is_ambiguous = true;
        QCOMPARE(extract_batch_size(StateTree::list({"text", StateTree::dict({{"a", four}}), four}),
                     &is_ambiguous),
            int64_t(4));
        QVERIFY(!is_ambiguous);
        QCOMPARE(extract_batch_size(StateTree::list({two, four}), &is_ambiguous), int64_t(2));
        QVERIFY(is_ambiguous);
        QCOMPARE(extract_batch_size(at::zeros({})), int64_t(1));
        QVERIFY_EXCEPTION_THROWN(
            extract_batch_size(StateTree::list({"text", 3})), MisconfigurationError);
    }
};

LEYDEN_TEST(TestLogging)
} // namespace tst_logging

#include "tst_logging.moc"
