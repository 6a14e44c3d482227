// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/metrics/rmse.h"
#include "engine/optim/adam.h"
#include "engine/optim/lbfgs.h"
#include "engine/optim/sgd.h"
#include "engine/precision/mixed_precision.h"
#include "engine/precision/true_precision.h"
#include "engine/strategies/strategy.h"
#include "tests/support/boring_model.h"
#include "tests/support/event_list.h"
#include "tests/support/test_program.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <c10/core/DefaultDtype.h>

#include <QTemporaryDir>
#include <QTest>

#include <limits>

namespace tst_precision {
using namespace leyden;
using namespace leyden::test;

namespace {

/// A layer, an integer buffer and a metric.
class Mixed final : public LightningModule
{
public:
    Mixed()
        : LightningModule("Mixed")
        , layer(register_module("layer", torch::nn::Linear(4, 1)))
        , count(register_buffer("count", at::arange(3)))
        , mean(register_buffer("mean", at::ones({2})))
    {
        register_metric("error", error);
    }
    torch::nn::Linear layer;
    at::Tensor count;
    at::Tensor mean;
    RMSE error;
};

std::unique_ptr<Precision> precision_named(const std::string& name)
{
    TrainerOptions options;
    options.precision = name;
    return Precision::make(resolve(options).precision, c10::kCPU);
}

struct Seen
{
    c10::ScalarType default_dtype = c10::kFloat;
    c10::ScalarType output = c10::kFloat; ///< of a linear layer
    c10::ScalarType input = c10::kFloat;
    bool is_cached = false;
    auto operator<=>(const Seen&) const = default;
};

} // namespace

class TestPrecision final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void convertsFloatsOnly_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("dtype");
        QTest::addColumn<int>("metric");
        QTest::newRow("32") << QStringLiteral("32-true") << int(at::kFloat) << int(at::kFloat);
        QTest::newRow("64") << QStringLiteral("64-true") << int(at::kDouble) << int(at::kFloat);
        QTest::newRow("16") << QStringLiteral("16-true") << int(at::kHalf) << int(at::kHalf);
        QTest::newRow("bf16") << QStringLiteral("bf16-true") << int(at::kBFloat16)
                              << int(at::kBFloat16);
        QTest::newRow("mixed") << QStringLiteral("bf16-mixed") << int(at::kFloat)
                               << int(at::kFloat);
    }

    void convertsFloatsOnly()
    {
        QFETCH(const QString, name);
        QFETCH(const int, dtype);
        QFETCH(const int, metric);
        Mixed module;
        module.layer->weight.mutable_grad() = at::ones({1, 4});
        const auto precision = precision_named(name.toStdString());
        QCOMPARE(precision->name(), name.toStdString());
        precision->convert_module(module);
        QCOMPARE(int(module.layer->weight.scalar_type()), dtype);
        QCOMPARE(int(module.layer->weight.grad().scalar_type()), dtype);
        QCOMPARE(int(module.mean.scalar_type()), dtype);
        QCOMPARE(int(module.count.scalar_type()), int(at::kLong));
        QCOMPARE(
            int(module.error.state_dict().at("sum_squared_error").tensor().scalar_type()), metric);
        QCOMPARE(int(module.error.state_dict().at("total").tensor().scalar_type()), int(at::kLong));

        const auto features = at::ones({2}, dtype == int(at::kHalf) ? at::kFloat : at::kHalf);
        const auto labels = at::arange(2);
        const auto batch = precision->convert_input(
            StateTree::dict({{"x", StateTree::list({features, labels})}, {"name", "row"}}));
        const bool converts = name.endsWith(QLatin1String("true")) && dtype != int(at::kFloat);
        QCOMPARE(int(batch.at("x")[0].tensor().scalar_type()),
            converts ? dtype : int(features.scalar_type()));
        QVERIFY(batch.at("x")[1].tensor().is_same(labels));
        QCOMPARE(batch.at("name").to_string(), std::string("row"));
    }

    void runsEveryStepInItsContext_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("default_dtype");
        QTest::addColumn<int>("output");
        QTest::addColumn<int>("input");
        QTest::newRow("32-true") << QStringLiteral("32-true") << int(at::kFloat) << int(at::kFloat)
                                 << int(at::kFloat);
        QTest::newRow("64-true") << QStringLiteral("64-true") << int(at::kDouble)
                                 << int(at::kDouble) << int(at::kDouble);
        QTest::newRow("bf16-true") << QStringLiteral("bf16-true") << int(at::kBFloat16)
                                   << int(at::kBFloat16) << int(at::kBFloat16);
        QTest::newRow("bf16-mixed") << QStringLiteral("bf16-mixed") << int(at::kFloat)
                                    << int(at::kBFloat16) << int(at::kFloat);
        QTest::newRow("16-mixed") << QStringLiteral("16-mixed") << int(at::kFloat)
                                  << int(at::kBFloat16) << int(at::kFloat);
    }

    void runsEveryStepInItsContext()
    {
        QFETCH(const QString, name);
        QFETCH(const int, default_dtype);
        QFETCH(const int, output);
        QFETCH(const int, input);
        const QTemporaryDir folder;
        BoringModel model;
        BoringData data;
        std::map<std::string, Seen> seen;
        const auto look = [&](const char* step, const Batch& batch) {
            seen[step] = {c10::get_default_dtype_as_scalartype(),
                at::linear(batch[0].tensor(), model.layer->weight).scalar_type(),
                batch[0].tensor().scalar_type(),
                at::autocast::is_autocast_enabled(at::kCPU)
                    && at::autocast::is_autocast_cache_enabled()};
        };
        using Look = decltype(look);
        struct Watcher final : public LightningModule
        {
            explicit Watcher(BoringModel& model_, Look& look_)
                : LightningModule("Watcher")
                , model(register_module(
                      "model", std::shared_ptr<BoringModel>(&model_, [](auto*) { })))
                , tell(look_)
            {
            }
            StepOutput training_step(const Batch& batch, int64_t) override
            {
                tell("train", batch);
                return at::mse_loss(model->layer->forward(batch[0].tensor()), batch[1].tensor());
            }
            StateTree validation_step(const Batch& batch, int64_t, int64_t) override
            {
                return tell("validate", batch), StateTree();
            }
            StateTree test_step(const Batch& batch, int64_t, int64_t) override
            {
                return tell("test", batch), StateTree();
            }
            OptimizerSetup configure_optimizers() override
            {
                OptimizerSetup setup;
                setup.optimizers.push_back(
                    std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.1}));
                return setup;
            }
            void on_before_optimizer_step(Optimizer&) override
            {
                is_on_in_hooks = at::autocast::is_autocast_enabled(at::kCPU);
            }
            std::shared_ptr<BoringModel> model;
            Look& tell;
            bool is_on_in_hooks = true;
        };
        Watcher watcher(model, look);
        auto options = bare_options(folder.path().toStdString());
        options.precision = name.toStdString();
        options.max_epochs = 1;
        Trainer trainer(options);
        trainer.fit(watcher, data);
        trainer.test(watcher, data);
        QCOMPARE(seen.size(), size_t(3));
        for (const auto& [step, found] : seen) {
            QCOMPARE(int(found.default_dtype), default_dtype);
            QCOMPARE(int(found.output), output);
            QCOMPARE(int(found.input), input);
            QVERIFY(!found.is_cached);
        }
        QVERIFY(!watcher.is_on_in_hooks); // only the step runs in it
        QVERIFY(!at::autocast::is_autocast_enabled(at::kCPU));
        QCOMPARE(int(c10::get_default_dtype_as_scalartype()), int(at::kFloat));
    }

    void keepsAMetricsScoreInItsDtype_data()
    {
        QTest::addColumn<QString>("precision");
        QTest::addColumn<QString>("monitor");
        QTest::addColumn<int>("dtype");
        const auto error = QStringLiteral("val_error"), loss = QStringLiteral("val_loss");
        QTest::newRow("metric, bf16") << QStringLiteral("bf16-true") << error << int(at::kBFloat16);
        QTest::newRow("metric, 16") << QStringLiteral("16-true") << error << int(at::kHalf);
        QTest::newRow("metric, 64") << QStringLiteral("64-true") << error << int(at::kFloat);
        QTest::newRow("metric, mixed") << QStringLiteral("bf16-mixed") << error << int(at::kFloat);
        QTest::newRow("loss, bf16") << QStringLiteral("bf16-true") << loss << int(at::kFloat);
        QTest::newRow("loss, 64") << QStringLiteral("64-true") << loss << int(at::kDouble);
    }

    /// As Lightning's checkpoints have it: a logged tensor has 32 bits at least, a metric's value
    /// as many as it computes in.
    void keepsAMetricsScoreInItsDtype()
    {
        QFETCH(const QString, precision);
        QFETCH(const QString, monitor);
        QFETCH(const int, dtype);
        const QTemporaryDir folder;
        BoringModel model;
        BoringData data;
        RMSE error(0.3);
        model.register_metric("error", error);
        model.on_validation_step = [&](BoringModel& self, const at::Tensor& loss, int64_t) {
            error.update(loss.reshape({1}), at::ones({1}, loss.options()));
            self.log("val_loss", loss);
            self.log("val_error", error);
        };
        auto options = bare_options(folder.path().toStdString());
        options.precision = precision.toStdString();
        options.enable_checkpointing = {};
        options.max_epochs = 2;
        ModelCheckpointOptions saving;
        saving.monitor = monitor.toStdString();
        EarlyStoppingOptions stopping_options;
        stopping_options.monitor = monitor.toStdString();
        auto best = std::make_unique<ModelCheckpoint>(saving);
        auto stopping = std::make_unique<EarlyStopping>(stopping_options);
        const auto& saves = *best; // the Trainer's from here on
        const auto& stops = *stopping;
        TrainerParts parts;
        parts.callbacks.push_back(std::move(stopping));
        parts.callbacks.push_back(std::move(best));
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, data);
        const auto saved = saves.state_dict();
        for (const auto* score :
            {&saved.at("best_model_score"), &saved.at("current_score"), &saved.at("kth_value")})
            QCOMPARE(int(score->tensor().scalar_type()), dtype);
        QCOMPARE(int(saved.at("best_k_models").entries()[0].second.tensor().scalar_type()), dtype);
        QCOMPARE(int(stops.state_dict().at("best_score").tensor().scalar_type()), dtype);
        QCOMPARE(stops.best_score(), *saves.best_model_score());

        ModelCheckpoint resumed(saving);
        resumed.setup(trainer, model, TrainerFn::Fit);
        resumed.load_state_dict(saved);
        QCOMPARE(int(resumed.state_dict().at("best_model_score").tensor().scalar_type()), dtype);
    }

    void putsAutocastBackWhereScopesNest()
    {
        QVERIFY(!at::autocast::is_autocast_enabled(at::kCPU));
        {
            const AutocastGuard outer(c10::kCPU, at::kHalf);
            {
                const AutocastGuard inner(c10::kCPU, at::kBFloat16);
                QCOMPARE(int(at::autocast::get_autocast_dtype(at::kCPU)), int(at::kBFloat16));
            }
            QCOMPARE(int(at::autocast::get_autocast_dtype(at::kCPU)), int(at::kHalf));
            QVERIFY(at::autocast::is_autocast_enabled(at::kCPU));
        }
        QVERIFY(!at::autocast::is_autocast_enabled(at::kCPU));
        QVERIFY(at::autocast::is_autocast_cache_enabled());
    }

    void saysWhatItTakesInstead_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QStringList>("warnings");
        const auto on_cpu = QStringLiteral("there is no float16 autocast on a CPU");
        QTest::newRow("16-mixed") << QStringLiteral("16-mixed") << QStringList{on_cpu};
        QTest::newRow("16") << QStringLiteral("16")
                            << QStringList{QStringLiteral("write 16-mixed"), on_cpu};
        QTest::newRow("bf16") << QStringLiteral("bf16")
                              << QStringList{QStringLiteral("write bf16-mixed")};
        QTest::newRow("bf16-mixed") << QStringLiteral("bf16-mixed") << QStringList{};
    }

    void saysWhatItTakesInstead()
    {
        QFETCH(const QString, name);
        QFETCH(const QStringList, warnings);
        const QTemporaryDir folder;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        auto options = bare_options(folder.path().toStdString());
        options.accelerator = "cpu";
        options.precision = name.toStdString();
        options.max_epochs = 1;
        Trainer trainer(options, std::move(parts));
        QCOMPARE(trainer.strategy().precision().name(), std::string("bf16-mixed"));
        BoringModel model;
        BoringData data;
        trainer.fit(model, data);
        std::vector<MessageEvent> told;
        for (const auto& message : events.all<MessageEvent>()) {
            if (message.text.starts_with("precision"))
                told.push_back(message);
        }
        QCOMPARE(qsizetype(told.size()), warnings.size());
        for (qsizetype i = 0; i < warnings.size(); ++i)
            QVERIFY2(told[size_t(i)].text.find(warnings[i].toStdString()) != std::string::npos,
                told[size_t(i)].text.c_str());
    }

    void refusesTransformerEngine()
    {
        TrainerOptions options;
        options.precision = std::string("transformer-engine-float16");
        try {
            resolve(options);
            QFAIL("accepted");
        } catch (const MisconfigurationError& error) {
            QVERIFY(std::string(error.what()).find("a Python package") != std::string::npos);
        }
    }

    /// The plug-in of 16-mixed works on a CPU, as Lightning's does.
    void countsAStepThatOverflowed()
    {
        const QTemporaryDir folder;
        TrainerParts parts;
        parts.precision = std::make_unique<MixedPrecision>(
            c10::kCPU, GradScalerOptions{.init_scale = std::exp2(127)});
        auto options = bare_options(folder.path().toStdString());
        options.max_epochs = 1;
        options.max_steps = 3;
        BoringModel model;
        BoringData data;
        std::vector<double> losses;
        model.on_hook = [&](BoringModel& m, Hook hook, int64_t) {
            if (hook == Hook::OnBeforeOptimizerStep)
                losses.push_back(m.layer->weight.grad().abs().max().item<double>());
        };
        const auto before = model.layer->weight.detach().clone();
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, data);
        QCOMPARE(trainer.global_step(), int64_t(3));
        QVERIFY(model.layer->weight.equal(before)); // every one of them overflowed
        QCOMPARE(losses.size(), size_t(3));         // the hook runs all the same
        QVERIFY(!std::isfinite(losses[0]));
        const auto checkpoint = trainer.dump_checkpoint();
        QCOMPARE(checkpoint.at("MixedPrecision").at("scale").to_double(), std::exp2(124));
    }

    void clipsUnscaledGradients()
    {
        const QTemporaryDir folder;
        TrainerParts parts;
        parts.precision
            = std::make_unique<MixedPrecision>(c10::kCPU, GradScalerOptions{.init_scale = 1024.0});
        auto options = bare_options(folder.path().toStdString());
        options.max_steps = 1;
        options.gradient_clip_val = 0.001;
        options.gradient_clip_algorithm = "value";
        BoringModel model;
        BoringData data;
        std::vector<at::Tensor> gradients;
        model.on_hook = [&](BoringModel& m, Hook hook, int64_t) {
            if (hook == Hook::OnAfterBackward || hook == Hook::OnBeforeOptimizerStep)
                gradients.push_back(m.layer->weight.grad().clone());
        };
        const auto before = model.layer->weight.detach().clone();
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, data);
        QCOMPARE(gradients.size(), size_t(2));
        QVERIFY(gradients[0].equal(gradients[1] * 1024)); // unscaled before the hook
        QVERIFY((model.layer->weight - before).abs().max().item<double>() <= 0.05 * 0.001 * 1.01);
    }

    void refusesWhatAScalerCannotDo()
    {
        const QTemporaryDir folder;
        const auto fit = [&](auto make, std::optional<double> clip) {
            TrainerParts parts;
            parts.precision = std::make_unique<MixedPrecision>(c10::kCPU, GradScalerOptions{});
            auto options = bare_options(folder.path().toStdString());
            options.max_steps = 1;
            options.gradient_clip_val = clip;
            struct Model final : public LightningModule
            {
                explicit Model(decltype(make) make__)
                    : LightningModule("Model")
                    , layer(register_module("layer", torch::nn::Linear(4, 1)))
                    , make_(make__)
                {
                }
                StepOutput training_step(const Batch& batch, int64_t) override
                {
                    return at::mse_loss(layer->forward(batch[0].tensor()), batch[1].tensor());
                }
                bool has_validation_step() const override { return false; }
                OptimizerSetup configure_optimizers() override
                {
                    OptimizerSetup setup;
                    setup.optimizers.push_back(make_(parameters()));
                    return setup;
                }
                torch::nn::Linear layer;
                decltype(make) make_;
            };
            Model model(make);
            BoringData data;
            Trainer trainer(options, std::move(parts));
            trainer.fit(model, data);
        };
        const auto lbfgs = [](const std::vector<at::Tensor>& params) {
            return std::make_shared<LBFGS>(params, LBFGSOptions{});
        };
        const auto fused = [](const std::vector<at::Tensor>& params) {
            AdamWOptions options;
            options.fused = true;
            return std::make_shared<AdamW>(params, options);
        };
        QVERIFY_EXCEPTION_THROWN(fit(lbfgs, {}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(fit(fused, 0.5), MisconfigurationError);
        fit(fused, {}); // without clipping it goes
    }

    void refusesAPlugInBesideTheOption()
    {
        TrainerParts parts;
        parts.precision = std::make_unique<DoublePrecision>();
        TrainerOptions options;
        options.precision = std::string("64-true");
        QVERIFY_EXCEPTION_THROWN(Trainer(options, std::move(parts)), MisconfigurationError);
    }
};
LEYDEN_TEST(TestPrecision)
} // namespace tst_precision

#include "tst_precision.moc"
