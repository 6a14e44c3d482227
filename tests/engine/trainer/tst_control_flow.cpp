// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are not plain against what Lightning made of them (tests/lightning/record_control.py):
// steps that give nothing, epochs that are cut, stop requests against minima, an exception in each
// hook. Every hook in its order, rows, counters, rates, weights bit for bit.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/optim/reduce_lr_on_plateau.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"
#include "tests/support/trace_text.h"

#include <ATen/ops/arange.h>

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace tst_control_flow {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

/// What a case throws; nothing of the engine's own.
struct Planned final : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// The Data of the recording script.
class PatternData final : public LightningDataModule
{
public:
    explicit PatternData(const Json& one) : one_(one) { }

    std::function<void(Hook)> on_hook = {};

    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    void prepare_data() override { on_hook(Hook::PrepareData); }
    void setup(TrainerFn) override { on_hook(Hook::Setup); }
    void teardown(TrainerFn) override { on_hook(Hook::Teardown); }
    DataLoaders train_dataloader() override
    {
        on_hook(Hook::TrainDataloader);
        return {loader(one_.at("train_batches").get<int64_t>(), 0)};
    }
    DataLoaders val_dataloader() override
    {
        on_hook(Hook::ValDataloader);
        const auto batches = one_.at("val_batches").get<int64_t>();
        return batches > 0 ? DataLoaders{loader(batches, 3)} : DataLoaders{};
    }

private:
    static std::shared_ptr<DataLoader> loader(int64_t batches, int64_t phase)
    {
        const auto rows = 4 * batches;
        const auto numbers = (at::arange(rows * 4, at::kLong) * 7 + phase).remainder(11) - 5;
        const auto x = numbers.reshape({rows, 4}).to(at::kFloat) / 8;
        const auto y = x.sum(1, true) * 0.5 + 0.25;
        return std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector<at::Tensor>{x, y}),
            DataLoaderOptions{.batch_size = 4});
    }
    const Json one_;
    DataSpec spec_;
};

TrainerOptions options_of(const fs::path& root, const Json& one)
{
    auto options = bare_options(root);
    options.logger.reset(); // CSVLogger
    if (!one.at("raise").is_null())
        options.num_sanity_val_steps = 1;
    for (const auto& [name, value] : one.at("trainer").items()) {
        const auto number
            = [&] { return value.is_null() ? std::nullopt : std::optional(value.get<int64_t>()); };
        if (name == "accumulate_grad_batches")
            options.accumulate_grad_batches = *number();
        else if (name == "gradient_clip_val")
            options.gradient_clip_val = value.get<double>();
        else if (name == "log_every_n_steps")
            options.log_every_n_steps = number();
        else if (name == "max_epochs")
            options.max_epochs = number();
        else if (name == "max_steps")
            options.max_steps = *number();
        else if (name == "min_epochs")
            options.min_epochs = number();
        else if (name == "min_steps")
            options.min_steps = number();
        else if (name == "num_sanity_val_steps")
            options.num_sanity_val_steps = number();
        else if (name == "limit_train_batches")
            options.limit_train_batches = *number();
        else if (name == "enable_checkpointing")
            options.enable_checkpointing = value.get<bool>();
        else if (name == "check_val_every_n_epoch")
            options.check_val_every_n_epoch = number();
        else if (name == "val_check_interval" && value.is_number_integer())
            options.val_check_interval = *number();
        else if (name == "val_check_interval")
            options.val_check_interval = value.get<double>();
        else
            qFatal("%s: the test does not know this argument", name.c_str());
    }
    return options;
}

OptimizerSetup optimizers_of(BoringModel& model, const Json& timing)
{
    OptimizerSetup setup;
    setup.optimizers.push_back(
        std::make_shared<SGD>(model.parameters(), SGDOptions{.lr = 0.05, .momentum = 0.9}));
    if (timing.is_null())
        return setup;
    auto& optimizer = *setup.optimizers.front();
    LRSchedulerConfig config;
    config.interval = timing.at("interval").get<std::string>();
    config.frequency = timing.at("frequency").get<int64_t>();
    if (timing.value("plateau", false)) {
        config.scheduler = std::make_shared<ReduceLROnPlateau>(
            optimizer, ReduceLROnPlateauOptions{.factor = 0.5, .patience = 0});
        config.monitor = timing.at("monitor").get<std::string>();
    } else {
        config.scheduler
            = std::make_shared<StepLR>(optimizer, StepLROptions{.step_size = 1, .gamma = 0.5});
    }
    setup.lr_schedulers.push_back(std::move(config));
    return setup;
}

/// The run of a case, and how it ended.
struct Run
{
    Run(const Json& one, const fs::path& root);

    std::string refused = {};
    std::vector<Json> trace = {};
    int64_t global_step = -1;
    int64_t epoch = -1;
    int64_t x = -1; ///< the loggers'
    std::string status = {};
    Json rates = Json::array();
    std::unique_ptr<BoringModel> model;
    EventList events = {};
};

Run::Run(const Json& one, const fs::path& root)
{
    std::map<std::pair<std::string, Hook>, int64_t> calls;
    const auto raise = [&](const char* on, Hook hook) {
        const auto& wanted = one.at("raise");
        if (wanted.is_null() || wanted.at("on") != on || wanted.at("hook") != hook_name(hook))
            return;
        if (calls[{on, hook}]++ == wanted.at("nth").get<int64_t>())
            throw Planned("planned");
    };
    const auto& stop = one.at("stop");
    bool has_stopped = false;
    const auto ask_for_stop = [&](Trainer& trainer, Hook hook, int64_t idx) {
        const std::string name = hook_name(hook);
        if (stop.is_null() || stop.at("hook") != name
            || (has_stopped && !one.at("stop_always").get<bool>()))
            return;
        if (trainer.sanity_checking() && name.find("sanity") == std::string::npos)
            return;
        const bool has_batch = name.find("batch_") != std::string::npos
            || name.ends_with("ing_step") || name.ends_with("ion_step");
        if (trainer.current_epoch() < stop.at("epoch").get<int64_t>()
            || (has_batch && !stop.at("batch").is_null() && stop.at("batch") != idx))
            return;
        has_stopped = true;
        trainer.should_stop = true;
    };

    PatternData data(one);
    data.on_hook = [&](Hook hook) { raise("datamodule", hook); };
    seed_everything(5);
    model = std::make_unique<BoringModel>();
    const auto none_at = one.at("none_at").get<std::vector<int64_t>>();
    model->make_optimizers = [&](BoringModel& m) { return optimizers_of(m, one.at("scheduler")); };
    model->on_hook = [&](BoringModel& m, Hook hook, int64_t idx) {
        raise("module", hook);
        if (hook == Hook::TrainingStep || hook == Hook::ValidationStep)
            ask_for_stop(*m.trainer(), hook, idx);
    };
    model->on_training_step = [&](BoringModel& m, const at::Tensor& loss, int64_t idx) {
        m.log("train_loss", loss, {.on_step = true, .on_epoch = true});
        const bool gives_nothing = std::find(none_at.begin(), none_at.end(), idx) != none_at.end();
        return gives_nothing ? StepOutput() : StepOutput(loss);
    };
    model->batch_start_result = [&](int64_t idx) {
        const bool in_epoch
            = one.at("skip_in").is_null() || one.at("skip_in") == model->trainer()->current_epoch();
        return one.at("skip_at") == idx && in_epoch ? -1 : 0;
    };
    TrainerParts parts;
    parts.observer = &events;
    parts.trace_file = root / "trace.jsonl";
    parts.callbacks.push_back(std::make_unique<HookCallback>(
        [&](Trainer& trainer, LightningModule&, Hook hook, int64_t idx) {
            raise("callback", hook);
            ask_for_stop(trainer, hook, idx);
        }));
    {
        Trainer trainer(options_of(root, one), std::move(parts));
        try {
            trainer.fit(*model, data);
        } catch (const Planned&) {
            refused = "planned";
        } catch (const MisconfigurationError&) {
            refused = "MisconfigurationException";
        }
        global_step = trainer.global_step();
        epoch = trainer.current_epoch();
        x = trainer.batches_that_stepped();
        status = trainer.state().status == TrainerStatus::Finished ? "finished"
            : trainer.state().status == TrainerStatus::Interrupted ? "interrupted"
                                                                   : "running";
        for (const auto& optimizer : trainer.optimizers()) {
            for (const auto& group : optimizer->param_groups())
                rates.push_back(group.lr);
        }
    }
    trace = short_trace(root / "trace.jsonl");
}

} // namespace

class TestControlFlow final : public QObject
{
    Q_OBJECT

private:
    std::vector<TorchReference> m_flow = references(QStringLiteral("flow"));
    std::vector<TorchReference> m_exceptions = references(QStringLiteral("exceptions"));

    static std::vector<TorchReference> references(const QString& name)
    {
        return torch_references(
            name, QStringLiteral("control"), QStringLiteral("record_control.py"));
    }

    static void compare(const TorchReference& recorded, const Json& one, const Json& expected_trace)
    {
        const auto tolerance = recorded.tolerance(Computed::InSteps);
        const QTemporaryDir folder;
        const Run run(one, folder.path().toStdString());
        QCOMPARE(trace_difference(run.trace, expected_trace, tolerance), QString());
        QCOMPARE(QString::fromStdString(run.refused),
            one.at("refused").is_null()
                ? QString()
                : QString::fromStdString(one.at("refused").get<std::string>()));
        QCOMPARE(run.global_step, one.at("global_step").get<int64_t>());
        QCOMPARE(run.epoch, one.at("current_epoch").get<int64_t>());
        QCOMPARE(run.x, one.at("x").get<int64_t>());
        QCOMPARE(QString::fromStdString(run.status),
            QString::fromStdString(one.at("status").get<std::string>()));
        QCOMPARE(run.rates.dump(), one.at("lr").dump());
        for (const auto& item : run.model->named_parameters())
            COMPARE_RECORDED(item.value(), one.at("weights").at(item.key()), tolerance);
    }

private Q_SLOTS:
    void goesAsLightningGoes_data() { add_reference_rows(m_flow); }
    void goesAsLightningGoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& one = m_flow[size_t(reference)].cases[size_t(index)];
        compare(m_flow[size_t(reference)], one, one.at("trace"));
    }

    void endsWhereAHookThrows_data() { add_reference_rows(m_exceptions); }
    void endsWhereAHookThrows()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = m_exceptions[size_t(reference)];
        const auto& one = recorded.cases[size_t(index)];
        auto trace = one.at("trace");
        if (one.contains("shared")) {
            const auto& plain = recorded.cases[0].at("trace");
            trace = Json(std::vector<Json>(
                plain.begin(), plain.begin() + one.at("shared").get<std::ptrdiff_t>()));
            for (const auto& line : one.at("trace"))
                trace.push_back(line);
        }
        compare(recorded, one, trace);
    }

    void tellsOnceOfStepsThatGiveNothing()
    {
        auto one = m_flow[0].cases[0];
        one["none_at"] = {0, 1, 2};
        const QTemporaryDir folder;
        const Run run(one, folder.path().toStdString());
        QCOMPARE(run.events.warnings("gave no loss").size(), size_t(1));
    }

    // Lightning lets what on_exception throws take the place of the run's own exception; that would
    // hide the cause.
    void anExceptionInOnExceptionHidesNoCause()
    {
        const QTemporaryDir folder;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        parts.callbacks.push_back(
            std::make_unique<HookCallback>([](Trainer&, LightningModule&, Hook hook, int64_t) {
                if (hook == Hook::OnTrainBatchEnd)
                    throw DataError("the cause");
                if (hook == Hook::OnException)
                    throw DataError("while ending");
            }));
        BoringModel model;
        BoringData data;
        Trainer trainer(bare_options(folder.path().toStdString()), std::move(parts));
        try {
            trainer.fit(model, data);
            QFAIL("nothing was thrown");
        } catch (const DataError& error) {
            QCOMPARE(error.what(), "the cause");
        }
        QCOMPARE(events.warnings("while ending").size(), size_t(1));
        QVERIFY(!model.trainer());
    }

    // A Trainer can be used again after a run that failed.
    void fitsAgainAfterAnException()
    {
        const QTemporaryDir folder;
        bool throws = true;
        BoringModel model;
        model.on_hook = [&](BoringModel&, Hook hook, int64_t idx) {
            if (throws && hook == Hook::TrainingStep && idx == 2)
                throw Planned("planned");
        };
        BoringData data;
        Trainer trainer(bare_options(folder.path().toStdString()));
        QVERIFY_EXCEPTION_THROWN(trainer.fit(model, data), Planned);
        throws = false;
        trainer.fit(model, data);
        QCOMPARE(trainer.current_epoch(), int64_t(2));
        QVERIFY(trainer.state().status == TrainerStatus::Finished);
    }
};
LEYDEN_TEST(TestControlFlow)
} // namespace tst_control_flow

#include "tst_control_flow.moc"
