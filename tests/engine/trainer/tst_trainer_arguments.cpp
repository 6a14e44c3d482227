// SPDX-License-Identifier: GPL-3.0-or-later
// Arguments of the Trainer that change what a whole run does (specification 1.1 to 1.4).
#include "engine/accelerators/accelerator.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "tests/support/boring_model.h"
#include "tests/support/steered_clock.h"
#include "tests/support/test_program.h"

#include <ATen/Context.h>
#include <ATen/ops/log.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

namespace tst_trainer_arguments {
using namespace leyden;
using namespace leyden::test;

namespace {

/// A run of BoringModel: 4 training batches, 1 for validation.
struct Run
{
    explicit Run(const std::string& root) : options(bare_options(root)) { }

    TrainerOptions options;
    BoringData::Options data = {.train_rows = 16, .val_rows = 4};
    std::function<void(BoringModel&)> prepare = {};
    HookCallback::Function callback = {};
    std::vector<std::unique_ptr<Callback>> callbacks = {};
    std::vector<std::unique_ptr<Logger>> loggers = {};
    const Clock* clock = nullptr;
    EventList events = {};
    QStringList trace = {}; ///< t: training step, V: validation, |: end of an epoch, L, l: a loader
                            ///< was asked for
    int64_t global_step = -1;
    int64_t epoch = -1;
    size_t metrics = 0; ///< in callback_metrics at the end
    std::string weights = {};

    void go(TrainerFn fn = TrainerFn::Fit)
    {
        seed_everything(1);
        TrainerParts parts;
        parts.observer = &events;
        parts.clock = clock;
        if (callback)
            parts.callbacks.push_back(std::make_unique<HookCallback>(callback));
        for (auto& one : callbacks)
            parts.callbacks.push_back(std::move(one));
        parts.loggers = std::move(loggers);
        BoringData source(data);
        source.on_hook = [this](Hook hook) {
            if (hook == Hook::TrainDataloader)
                trace << QStringLiteral("L");
            else if (hook == Hook::ValDataloader)
                trace << QStringLiteral("l");
        };
        BoringModel model;
        model.on_hook = [this](BoringModel& m, Hook hook, int64_t) {
            if (m.trainer()->sanity_checking())
                return;
            if (hook == Hook::TrainingStep || hook == Hook::TestStep)
                trace << QStringLiteral("t");
            else if (hook == Hook::OnValidationStart)
                trace << QStringLiteral("V");
            else if (hook == Hook::OnTrainEpochEnd)
                trace << QStringLiteral("|");
        };
        if (prepare)
            prepare(model);
        Trainer trainer(options, std::move(parts));
        if (fn == TrainerFn::Test)
            trainer.test(model, source);
        else if (fn == TrainerFn::Validate)
            trainer.validate(model, source);
        else
            trainer.fit(model, source);
        global_step = trainer.global_step();
        epoch = trainer.current_epoch();
        metrics = trainer.callback_metrics().names().size();
        weights = model.weight_bytes();
    }
    QString traced() const { return trace.join(QString()); }
};

/// Counts what reaches it.
class CountingLogger final : public Logger
{
public:
    explicit CountingLogger(int& rows) : rows_(rows) { }
    std::string name() const override { return "counting"; }
    std::string version() const override { return "0"; }
    std::filesystem::path log_dir() const override { return {}; }
    void open(FileSystem&, const std::filesystem::path&, const std::filesystem::path&) override { }
    void resume_at(int64_t) override { }
    void log_metrics(const MetricRow&) override { ++rows_; }
    void log_hyperparams(const StateTree&) override { rows_ += 1000; }
    void finalize(LoggerStatus) override { }

private:
    int& rows_;
};

std::string refusal(const std::function<void()>& action)
{
    try {
        action();
    } catch (const MisconfigurationError& error) {
        return error.what();
    }
    return {};
}

bool flag_is_set()
{
    return at::globalContext().deterministicAlgorithms();
}

} // namespace

class TestTrainerArguments final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string root() const { return m_folder.path().toStdString(); }

private Q_SLOTS:
    void runsAFewBatchesAsATest_data()
    {
        QTest::addColumn<int>("batches"); // 0: true
        QTest::addColumn<QString>("trace");
        QTest::newRow("true") << 0 << "LltV|";
        QTest::newRow("1") << 1 << "LltV|";
        QTest::newRow("3") << 3 << "LltttV|";
        QTest::newRow("more than there are") << 9 << "LlttttV|";
    }
    void runsAFewBatchesAsATest()
    {
        QFETCH(const int, batches);
        Run run(root());
        if (batches > 0)
            run.options.fast_dev_run = int64_t(batches);
        else
            run.options.fast_dev_run = true;
        run.options.max_epochs = 7;
        run.options.num_sanity_val_steps = 2;
        run.options.val_check_interval = int64_t(1);
        run.options.check_val_every_n_epoch = 5;
        run.options.limit_train_batches = 0.5;
        run.options.limit_val_batches = int64_t(0);
        run.go();
        QTEST(run.traced(), "trace");
        QCOMPARE(run.epoch, 1);
        QCOMPARE(run.events.messages("fast_dev_run: ").size(), 1u);
    }
    void writesNothingInADevRun()
    {
        QTemporaryDir folder;
        int rows = 0;
        Run run(folder.path().toStdString());
        run.options.fast_dev_run = int64_t(4);
        run.options.enable_checkpointing = {};
        run.options.logger = {};
        run.loggers.push_back(std::make_unique<CountingLogger>(rows));
        EarlyStoppingOptions stopping;
        stopping.monitor = "nobody logs this"; // outside a dev run the check fails
        run.callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
        run.go();
        QCOMPARE(rows, 0);
        QVERIFY(QDir(folder.path()).isEmpty());
    }
    void limitsEveryStageOfADevRun()
    {
        Run run(root());
        run.options.fast_dev_run = true;
        run.data.val_rows = 12; // three batches, for the test too
        run.go(TrainerFn::Test);
        QCOMPARE(run.traced(), QStringLiteral("t"));
    }

    void overfitsTheFirstBatches_data()
    {
        QTest::addColumn<double>("amount");
        QTest::addColumn<bool>("isShare");
        QTest::addColumn<QString>("trace");
        QTest::newRow("number") << 2.0 << false << "LlttV|ttV|";
        QTest::newRow("share") << 0.5 << true << "LlttV|ttV|";
        QTest::newRow("all") << 1.0 << true << "LlttttV|ttttV|";
    }
    void overfitsTheFirstBatches()
    {
        QFETCH(const double, amount);
        QFETCH(const bool, isShare);
        Run run(root());
        run.data.val_rows = 16;
        if (isShare)
            run.options.overfit_batches = amount;
        else
            run.options.overfit_batches = int64_t(amount);
        run.options.limit_train_batches = int64_t(3);
        run.options.limit_val_batches = int64_t(5);
        std::vector<double> seen;
        struct Keeper final : Callback
        {
            explicit Keeper(std::vector<double>& values_) : values(values_) { }
            std::string name() const override { return "Keeper"; }
            void on_train_batch_start(
                Trainer&, LightningModule&, const Batch& batch, int64_t) override
            {
                values.push_back(batch[0].tensor().sum().item<double>());
            }
            std::vector<double>& values;
        };
        run.callbacks.push_back(std::make_unique<Keeper>(seen));
        run.go();
        QTEST(run.traced(), "trace");
        QCOMPARE(
            run.events.warnings("overfit_batches: the training data is not shuffled").size(), 1u);
        const auto half = seen.size() / 2; // both epochs see the same batches, in the data's own
                                           // order
        QVERIFY(
            std::equal(seen.begin(), seen.begin() + int64_t(half), seen.begin() + int64_t(half)));
    }
    void overfitLeavesOffWhatIsSwitchedOff()
    {
        Run run(root());
        run.data.val_rows = 2;
        run.options.overfit_batches = 0.25; // of two batches none
        run.options.limit_val_batches = 0.0;
        run.options.max_epochs = 1;
        run.go();
        QVERIFY2(!run.traced().contains(u'V'), qPrintable(run.traced()));
        QVERIFY(run.traced().contains(u't'));
        Run untrained(root());
        untrained.options.overfit_batches = int64_t(1);
        untrained.options.limit_train_batches = int64_t(0);
        untrained.go();
        QVERIFY2(!untrained.traced().contains(u't'), qPrintable(untrained.traced()));
    }
    void namesTheShareThatIsNoBatch()
    {
        Run run(root());
        run.options.overfit_batches = 0.1;
        const auto text = refusal([&] { run.go(); });
        QVERIFY2(text.find("overfit_batches = 0.1") != std::string::npos, text.c_str());
    }
    void overfitsEverythingWithAFloatAboveOne() // Lightning multiplies the number of batches by it
    {
        Run run(root());
        run.options.overfit_batches = 2.0;
        run.options.max_epochs = 1;
        run.go();
        QCOMPARE(run.traced(), QStringLiteral("LlttttV|"));
        QCOMPARE(run.events.warnings("overfit_batches = 2.0: taken as every batch").size(), 1u);
    }
    void overfitWinsOverADevRun()
    {
        Run run(root());
        run.options.overfit_batches = int64_t(3);
        run.options.fast_dev_run = int64_t(2);
        run.go();
        QCOMPARE(run.traced(), QStringLiteral("Lltt|")); // max_steps = 2 ends it before the
                                                         // validation
    }

    void asksForLoadersAgain_data()
    {
        QTest::addColumn<int>("every");
        QTest::addColumn<QString>("trace");
        QTest::newRow("never") << 0 << "LlttttV|ttttV|ttttV|ttttV|";
        QTest::newRow("each epoch") << 1 << "LlttttV|LttttlV|LttttlV|LttttlV|";
        QTest::newRow("every second") << 2 << "LlttttV|ttttV|LttttlV|ttttV|";
    }
    void asksForLoadersAgain()
    {
        QFETCH(const int, every);
        Run run(root());
        run.options.max_epochs = 4;
        run.options.reload_dataloaders_every_n_epochs = every;
        run.go();
        QTEST(run.traced(), "trace");
    }

    void endsAtTheFirstNaNOfBackward()
    {
        Run run(root());
        run.options.detect_anomaly = true;
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel& m, at::Tensor loss, int64_t idx) {
                // The gradient of 0 * log(0) is NaN, though its value was clamped.
                auto zero = m.layer->weight.sum() * 0.0;
                return StepOutput(idx == 2 ? loss + at::log(zero) * zero : loss);
            };
        };
        try {
            run.go();
            QFAIL("the run went on");
        } catch (const NonFiniteError& error) {
            const std::string text = error.what();
            QVERIFY2(text.find("Backward0' became NaN in epoch 0, batch 2") != std::string::npos,
                text.c_str());
        }
        QVERIFY(!torch::autograd::AnomalyMode::is_enabled());
        Run without(root());
        without.prepare = run.prepare;
        without.go(); // Lightning trains on as well
    }

    void asksForDeterministicAlgorithms_data()
    {
        QTest::addColumn<int>("said"); // 0 false, 1 true, 2 "warn", 3 nothing
        QTest::addColumn<bool>("isSet");
        QTest::addColumn<bool>("onlyWarns");
        QTest::newRow("false") << 0 << false << false;
        QTest::newRow("true") << 1 << true << false;
        QTest::newRow("warn") << 2 << true << true;
        QTest::newRow("unset") << 3 << false << false;
    }
    void asksForDeterministicAlgorithms()
    {
        QFETCH(const int, said);
        QFETCH(const bool, isSet);
        QFETCH(const bool, onlyWarns);
        Run run(root());
        if (said < 2)
            run.options.deterministic = said == 1;
        else if (said == 2)
            run.options.deterministic = std::string("warn");
        bool inside[3] = {};
        at::globalContext().setBenchmarkCuDNN(true);
        run.callback = [&](Trainer&, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainStart) {
                inside[0] = flag_is_set();
                inside[1] = at::globalContext().deterministicAlgorithmsWarnOnly();
                inside[2] = at::globalContext().benchmarkCuDNN();
            }
        };
        run.go();
        QCOMPARE(inside[0], isSet);
        QCOMPARE(inside[1], onlyWarns);
        QCOMPARE(inside[2], !isSet); // determinism switches cuDNN's trials off
        QVERIFY(!flag_is_set() && at::globalContext().benchmarkCuDNN()); // as before the run
        at::globalContext().setBenchmarkCuDNN(false);
    }
    void tellsTheWarningsOfLibTorchOnce()
    {
        Run run(root());
        run.options.deterministic = std::string("warn");
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel&, at::Tensor loss, int64_t) {
                at::Context::alertNotDeterministic("a made-up operation");
                return StepOutput(std::move(loss));
            };
        };
        run.go();
        QCOMPARE(run.events.warnings("LibTorch: a made-up operation").size(), 1u);
        run.options.deterministic = true;
        QVERIFY_THROWS_EXCEPTION(c10::Error, run.go());
    }
    void setsBenchmark()
    {
        Run run(root());
        run.options.benchmark = true;
        run.options.deterministic = true; // Lightning lets both stand
        bool inside = false;
        run.callback = [&](Trainer&, LightningModule&, Hook, int64_t) {
            inside = at::globalContext().benchmarkCuDNN();
        };
        run.go();
        QVERIFY(inside);
        QVERIFY(!at::globalContext().benchmarkCuDNN());
    }

    void switchesEverythingOff()
    {
        QTemporaryDir folder;
        Run run(folder.path().toStdString());
        run.options = TrainerOptions{};
        run.options.accelerator = "cpu";
        run.options.barebones = true;
        run.options.max_epochs = 2;
        run.options.default_root_dir = folder.path().toStdString();
        bool was_sanity_checked = false;
        size_t callbacks = 0;
        run.callback = [&](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            was_sanity_checked |= hook == Hook::OnSanityCheckStart;
            callbacks = trainer.callbacks().size();
        };
        run.go();
        QCOMPARE(run.traced(), QStringLiteral("LlttttV|ttttV|"));
        QVERIFY(!was_sanity_checked);
        QCOMPARE(callbacks, 1u); // no ModelCheckpoint, no ModelSummary
        QCOMPARE(run.metrics, 0u);
        QCOMPARE(run.events.all<RowEvent>().size(), 0u);
        QCOMPARE(run.events.warnings("barebones").size(), 1u); // once
        QVERIFY(QDir(folder.path()).isEmpty());
    }
    void refusesWhatBarebonesSwitchesOff()
    {
        const auto text_with = [&](auto set) {
            TrainerOptions options;
            options.barebones = true;
            set(options);
            return refusal([&] { resolve(options); });
        };
        const auto names = [&](const char* option, auto set) {
            const auto text = text_with(set);
            return text.find(option) != std::string::npos
                && text.find("barebones") != std::string::npos;
        };
        QVERIFY(names(
            "enable_checkpointing", [](TrainerOptions& o) { o.enable_checkpointing = true; }));
        QVERIFY(names("logger", [](TrainerOptions& o) { o.logger = true; }));
        QVERIFY(
            names("enable_progress_bar", [](TrainerOptions& o) { o.enable_progress_bar = true; }));
        QVERIFY(names(
            "enable_model_summary", [](TrainerOptions& o) { o.enable_model_summary = true; }));
        QVERIFY(names("log_every_n_steps", [](TrainerOptions& o) { o.log_every_n_steps = 1; }));
        QVERIFY(
            names("num_sanity_val_steps", [](TrainerOptions& o) { o.num_sanity_val_steps = 1; }));
        QVERIFY(names("fast_dev_run", [](TrainerOptions& o) { o.fast_dev_run = true; }));
        QVERIFY(names("detect_anomaly", [](TrainerOptions& o) { o.detect_anomaly = true; }));
        QVERIFY(text_with([](TrainerOptions&) { }).empty());
    }

    void writesHyperparametersUnlessToldNot_data()
    {
        QTest::addColumn<bool>("isEnabled");
        QTest::addColumn<int>("rows");
        QTest::newRow("on") << true << 1000;
        QTest::newRow("off") << false << 0;
    }
    void writesHyperparametersUnlessToldNot()
    {
        QFETCH(const bool, isEnabled);
        int rows = 0;
        Run run(root());
        run.options.max_epochs = 0;
        run.options.logger = {};
        run.options.enable_autolog_hparams = isEnabled;
        run.loggers.push_back(std::make_unique<CountingLogger>(rows));
        run.prepare = [](BoringModel& model) { model.hparams = StateTree::dict({{"lr", 0.1}}); };
        run.go();
        QTEST(rows, "rows");
    }

    void evaluatesInInferenceMode_data()
    {
        QTest::addColumn<bool>("isEnabled");
        QTest::addColumn<bool>("fits");
        QTest::addColumn<bool>("isInference");
        QTest::newRow("validate") << true << false << true;
        QTest::newRow("validate, off") << false << false << false;
        QTest::newRow("fit") << true << true << false; // never: what it makes could not be trained
                                                       // with
    }
    void evaluatesInInferenceMode()
    {
        QFETCH(const bool, isEnabled);
        QFETCH(const bool, fits);
        Run run(root());
        run.options.inference_mode = isEnabled;
        bool found = false;
        bool has_gradients = true;
        run.prepare = [&](BoringModel& model) {
            model.on_validation_step = [&](BoringModel&, at::Tensor, int64_t) {
                found = c10::InferenceMode::is_enabled();
                has_gradients = at::GradMode::is_enabled();
            };
        };
        run.go(fits ? TrainerFn::Fit : TrainerFn::Validate);
        QTEST(found, "isInference");
        QVERIFY(!has_gradients);
    }

    void validatesByTime_data()
    {
        QTest::addColumn<int>("seconds");    // between two validations; a batch takes one
        QTest::addColumn<int>("everyEpoch"); // 0: null
        QTest::addColumn<QString>("trace");
        QTest::newRow("each batch") << 1 << 1 << "LltVtVtVtV|tVtVtVtV|";
        QTest::newRow("every third") << 3 << 1 << "LltttVt|ttVtt|";
        QTest::newRow("in every second epoch") << 3 << 2 << "Ltttt|tlVtttV|";
        QTest::newRow("null") << 3 << 0 << "LltttVt|ttVtt|";
        QTest::newRow("longer than the run") << 60 << 1 << "Lltttt|tttt|";
    }
    void validatesByTime()
    {
        QFETCH(const int, seconds);
        QFETCH(const int, everyEpoch);
        SteeredClock clock;
        Run run(root());
        run.clock = &clock;
        run.options.val_check_interval
            = std::map<std::string, double>{{"seconds", double(seconds)}};
        run.options.check_val_every_n_epoch
            = everyEpoch > 0 ? std::optional<int64_t>(everyEpoch) : std::nullopt;
        run.callback = [&](Trainer&, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainBatchEnd)
                clock.advance(std::chrono::seconds(1));
        };
        run.go();
        QTEST(run.traced(), "trace");
    }
    void readsTimesAsPythonDoes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("seconds"); // -1: refused
        QTest::newRow("two digits") << "00:01:30:00" << 5400;
        QTest::newRow("one digit") << "0:0:10:0" << 600;
        QTest::newRow("signs, spaces") << " +1 : -2:003 :4" << 86400 - 7200 + 180 + 4;
        QTest::newRow("below 0") << "0:0:0:-1" << -1;
        QTest::newRow("three") << "1:2:3" << -1;
        QTest::newRow("huge") << "999999999999:0:0:0" << -1;
    }
    void readsTimesAsPythonDoes()
    {
        QFETCH(const QString, text);
        QFETCH(const int, seconds);
        TrainerOptions options;
        options.val_check_interval = text.toStdString();
        TrainerPlan plan;
        const auto refused = refusal([&] { plan = resolve(options); });
        QCOMPARE(refused.empty(), seconds >= 0);
        QVERIFY(seconds < 0 || plan.val_check_interval.time == std::chrono::seconds(seconds));
        QVERIFY2(refused.empty() || refused.find("val_check_interval = ") == 0, refused.c_str());
    }
    void endsWhenTheTimeIsUp()
    {
        SteeredClock clock;
        Run run(root());
        run.clock = &clock;
        run.options.max_time = std::string("00:00:00:06");
        run.options.max_epochs = -1;
        run.callback = [&](Trainer&, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainBatchStart)
                clock.advance(std::chrono::seconds(1));
        };
        run.go();
        QCOMPARE(run.traced(), QStringLiteral("LlttttV|ttV|"));
    }
    void trainsNothingWithoutTime()
    {
        Run run(root());
        run.options.max_time = std::string("00:00:00:00");
        run.go();
        QCOMPARE(run.global_step, 0);
        QVERIFY(!run.traced().contains(QLatin1Char('t')));
    }

    void takesOneProcessOnACpu_data()
    {
        QTest::addColumn<QString>("devices"); // i: a number, s: text, l: a list
        QTest::addColumn<QString>("says");
        for (const char* good : {"i1", "sauto", "s1", "s 1 "})
            QTest::newRow(good) << good << QString();
        for (const char* bad : {"i0", "i-1", "s-1", "s0", "sx", "s", "l0", "s0,"})
            QTest::newRow(bad) << bad << "on a CPU expected";
        for (const char* later : {"i2", "s2"})
            QTest::newRow(later) << later << "not available yet";
    }
    void takesOneProcessOnACpu()
    {
        QFETCH(const QString, devices);
        QFETCH(const QString, says);
        const auto text = devices.mid(1);
        Accelerator::Devices value = text.toStdString();
        if (devices.startsWith(QLatin1Char('i')))
            value = int64_t(text.toInt());
        else if (devices.startsWith(QLatin1Char('l')))
            value = std::vector<int64_t>{text.toInt()};
        const auto found
            = QString::fromStdString(refusal([&] { Accelerator::resolve("cpu", value); }));
        QCOMPARE(found.isEmpty(), says.isEmpty());
        QVERIFY2(found.contains(says), qPrintable(found));
        QVERIFY2(
            found.isEmpty() || found.startsWith(QStringLiteral("devices = ")), qPrintable(found));
    }
};

LEYDEN_TEST(TestTrainerArguments)
} // namespace tst_trainer_arguments

#include "tst_trainer_arguments.moc"
