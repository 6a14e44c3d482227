// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on data whose length is not known. Their numbers are compared with Lightning's in
// tst_twin_run.
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/callbacks/on_exception_checkpoint.h"
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "tests/support/boring_model.h"
#include "tests/support/counting_stream.h"
#include "tests/support/scripted_run.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

namespace tst_iterable_fit {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

class StreamData final : public LightningDataModule
{
public:
    std::string name() const override { return "StreamData"; }
    DataLoaders train_dataloader() override { return {loader(train)}; }
    DataLoaders val_dataloader() override { return {loader(val)}; }
    DataLoaders test_dataloader() override { return {loader(val)}; }

    CountingStream::Options train{.samples = 10};
    CountingStream::Options val{.samples = 3};
    DataLoaderOptions options{.batch_size = 2};

private:
    std::shared_ptr<DataLoader> loader(const CountingStream::Options& stream) const
    {
        return std::make_shared<DataLoader>(std::make_shared<CountingStream>(stream), options);
    }
};

/// t0: batch 0, V: validation, |: end of an epoch.
struct Fit
{
    explicit Fit(const fs::path& folder) : options(bare_options(folder)) { }

    void run()
    {
        seed_everything(1);
        ScriptedModel model(0.3); // draws: a batch too many would show
        model.on_validation_step = [](ScriptedModel& m, int64_t) { m.log("val_loss", 1.0); };
        TrainerParts parts;
        parts.observer = &events;
        parts.callbacks = std::move(callbacks);
        parts.callbacks.push_back(std::make_unique<HookCallback>(
            [this](Trainer& trainer, LightningModule&, Hook hook, int64_t idx) {
                if (trainer.sanity_checking())
                    return;
                if (hook == Hook::OnTrainBatchStart)
                    trace << QStringLiteral("t%1").arg(idx);
                else if (hook == Hook::OnValidationStart)
                    trace << QStringLiteral("V");
                else if (hook == Hook::OnTrainEpochEnd)
                    trace << QStringLiteral("|");
                if (then)
                    then(trainer, hook);
            }));
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, data, checkpoint);
        steps = trainer.global_step();
        epochs = trainer.current_epoch();
        weights = model.parameters().front().detach().clone();
    }
    QString traced() const { return trace.join(QLatin1Char(' ')); }

    /// The text that the run fails with.
    template <class Error> QByteArray failure()
    {
        try {
            run();
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }

    TrainerOptions options;
    StreamData data{};
    std::vector<std::unique_ptr<Callback>> callbacks{};
    std::function<void(Trainer&, Hook)> then{};
    std::string checkpoint{};
    EventList events{};
    QStringList trace{};
    int64_t steps = -1;
    int64_t epochs = -1;
    at::Tensor weights{};
};

} // namespace

class TestIterableFit final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void countsNoBatchesAndValidatesAtTheEnd()
    {
        Fit fit(folder());
        fit.data.train.samples = 5;
        fit.options.max_epochs = 2;
        fit.options.accumulate_grad_batches = 2;
        int64_t batches = 0;
        int64_t estimated = 0;
        fit.then = [&](Trainer& trainer, Hook hook) {
            if (hook == Hook::OnTrainStart) {
                batches = trainer.num_training_batches();
                estimated = trainer.estimated_stepping_batches();
            }
        };
        fit.run();
        QCOMPARE(fit.traced(), QStringLiteral("t0 t1 t2 V | t0 t1 t2 V |"));
        QCOMPARE(batches, unknown_size);
        QCOMPARE(estimated, int64_t(-1)); // max_steps, as Lightning
        QCOMPARE(fit.steps, int64_t(4));  // the last batch of an epoch ends a step
        const auto progress = fit.events.all<ProgressEvent>();
        QVERIFY(!progress.empty());
        for (const auto& event : progress) {
            QCOMPARE(event.batches, int64_t(-1));
            QCOMPARE(event.remaining_seconds, -1.0);
        }
    }

    void limitsAndIntervalsCountBatches_data()
    {
        QTest::addColumn<QByteArray>("limit");
        QTest::addColumn<QByteArray>("interval");
        QTest::addColumn<QString>("trace");
        QTest::newRow("every two batches")
            << QByteArray() << QByteArray("2") << QStringLiteral("t0 t1 V t2 t3 V t4 |");
        QTest::newRow("more than there are")
            << QByteArray() << QByteArray("9") << QStringLiteral("t0 t1 t2 t3 t4 |");
        QTest::newRow("all") << QByteArray("1.0") << QByteArray("1.0")
                             << QStringLiteral("t0 t1 t2 t3 t4 V |");
        QTest::newRow("three batches")
            << QByteArray("3") << QByteArray() << QStringLiteral("t0 t1 t2 V |");
        QTest::newRow("a share of three batches")
            << QByteArray("3") << QByteArray("0.4") << QStringLiteral("t0 V t1 V t2 V |");
        QTest::newRow("a limit beyond the end")
            << QByteArray("7") << QByteArray() << QStringLiteral("t0 t1 t2 t3 t4 |");
        QTest::newRow("none") << QByteArray("0.0") << QByteArray() << QString();
    }
    void limitsAndIntervalsCountBatches()
    {
        QFETCH(const QByteArray, limit);
        QFETCH(const QByteArray, interval);
        QFETCH(const QString, trace);
        const auto number = [](const QByteArray& text) -> IntOrFloat {
            return text.contains('.') ? IntOrFloat(text.toDouble())
                                      : IntOrFloat(int64_t(text.toLongLong()));
        };
        Fit fit(folder());
        fit.options.max_epochs = 1;
        if (!limit.isEmpty())
            fit.options.limit_train_batches = number(limit);
        if (interval.contains('.'))
            fit.options.val_check_interval = interval.toDouble();
        else if (!interval.isEmpty())
            fit.options.val_check_interval = int64_t(interval.toLongLong());
        fit.run();
        QCOMPARE(fit.traced(), trace);
    }

    void refusesSharesOfWhatHasNoLength_data()
    {
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("limit_train_batches")
            << QByteArray("limit_train_batches")
            << QByteArray("limit_train_batches = 0.5: with an IterableDataset, whose length is not "
                          "known, it must be 1.0 or a whole number of batches");
        QTest::newRow("limit_val_batches") << QByteArray(
            "limit_val_batches") << QByteArray("limit_val_batches = 0.5: with an IterableDataset");
        QTest::newRow("overfit_batches") << QByteArray("overfit_batches")
                                         << QByteArray("overfit_batches = 0.5: with an Iterable");
        QTest::newRow("val_check_interval")
            << QByteArray("val_check_interval")
            << QByteArray(
                   "val_check_interval = 0.5: with an IterableDataset as training data, whose "
                   "length is not known, it must be 1.0");
    }
    void refusesSharesOfWhatHasNoLength()
    {
        QFETCH(const QByteArray, option);
        QFETCH(const QByteArray, text);
        Fit fit(folder());
        if (option == "limit_train_batches")
            fit.options.limit_train_batches = 0.5;
        else if (option == "limit_val_batches")
            fit.options.limit_val_batches = 0.5;
        else if (option == "overfit_batches")
            fit.options.overfit_batches = 0.5;
        else
            fit.options.val_check_interval = 0.5;
        const auto found = fit.failure<MisconfigurationError>();
        QVERIFY2(found.contains(text), found.constData());
        QVERIFY(fit.trace.isEmpty());
    }

    void goesOnFromEveryBatch_data()
    {
        QTest::addColumn<int>("workers");
        QTest::addColumn<bool>("keepsState");
        QTest::addColumn<int>("limit"); // 0: none
        QTest::newRow("one stream") << 0 << false << 0;
        QTest::newRow("one stream with a state") << 0 << true << 0;
        QTest::newRow("two workers") << 2 << false << 0;
        QTest::newRow("two workers with states") << 2 << true << 0;
        QTest::newRow("a limit before the end") << 0 << false << 3;
        QTest::newRow("a limit beyond the end") << 2 << false << 9;
    }
    void goesOnFromEveryBatch()
    {
        QFETCH(const int, workers);
        QFETCH(const bool, keepsState);
        QFETCH(const int, limit);
        const auto make = [&] {
            auto fit = std::make_unique<Fit>(folder());
            fit->data.train
                = {.samples = 9, .shares = true, .keeps_state = keepsState, .scale_by_seed = 97};
            fit->data.options.num_workers = workers;
            fit->options.max_epochs = 3;
            fit->options.val_check_interval = int64_t(2);
            if (limit > 0)
                fit->options.limit_train_batches = int64_t(limit);
            return fit;
        };
        const auto whole = make();
        std::vector<std::pair<std::string, qsizetype>> files; // and how long the trace was
        whole->then = [&](Trainer& trainer, Hook hook) {
            if (hook != Hook::OnTrainBatchEnd && hook != Hook::OnTrainEpochEnd
                && hook != Hook::OnValidationEnd)
                return;
            files.emplace_back((folder() / (std::to_string(files.size()) + ".ckpt")).string(),
                whole->trace.size());
            trainer.save_checkpoint(files.back().first);
        };
        whole->run();
        QVERIFY(files.size() >= 15);
        for (const auto& [file, length] : files) {
            const auto resumed = make();
            resumed->checkpoint = file;
            resumed->run();
            QCOMPARE(resumed->traced(), whole->trace.mid(length).join(QLatin1Char(' ')));
            QVERIFY2(resumed->weights.equal(whole->weights), file.c_str());
            QCOMPARE(resumed->steps, whole->steps);
            QCOMPARE(resumed->epochs, whole->epochs);
        }
    }

    void saysWhichDatasetFailedAndGoesOnFromThere()
    {
        bool is_broken = false;
        const auto make = [&] {
            auto fit = std::make_unique<Fit>(folder());
            fit->options.max_epochs = 2;
            fit->options.enable_checkpointing = true;
            fit->data.train.before = [&](int64_t sample) {
                if (sample == 7 && is_broken)
                    throw std::runtime_error("the connection was closed");
            };
            fit->callbacks.push_back(std::make_unique<OnExceptionCheckpoint>(
                OnExceptionCheckpointOptions{.dirpath = folder().string()}));
            return fit;
        };
        const auto whole = make();
        whole->run();
        const auto failed = make();
        is_broken = true;
        QCOMPARE(failed->failure<DataError>(),
            QByteArray("CountingStream, sample 7: the connection was closed"));
        QCOMPARE(failed->traced(), QStringLiteral("t0 t1 t2")); // {6, 7} is the fourth batch
        is_broken = false;
        const auto resumed = make();
        resumed->checkpoint = (folder() / "on_exception.ckpt").string();
        resumed->run();
        QCOMPARE(failed->trace + resumed->trace, whole->trace);
        QVERIFY(resumed->weights.equal(whole->weights));
    }

    void saysThatAStreamGaveNothing()
    {
        Fit empty(folder());
        empty.data.train.samples = 0;
        const auto none = empty.failure<DataError>();
        QVERIFY2(none.contains("train_dataloader: the IterableDataset gave no batch in epoch 0"),
            none.constData());

        class Once final : public LightningDataModule
        {
        public:
            std::string name() const override { return "Once"; }
            DataLoaders train_dataloader() override { return {loader}; }
            std::shared_ptr<DataLoader> loader = std::make_shared<DataLoader>(
                std::make_shared<CountingStream>(
                    CountingStream::Options{.samples = 4, .begins_anew = false}),
                DataLoaderOptions{.batch_size = 2});
        };
        ScriptedModel model;
        Once once;
        auto options = bare_options(folder());
        options.max_epochs = 3;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        Trainer trainer(options, std::move(parts));
        QByteArray text;
        try {
            trainer.fit(model, once);
        } catch (const DataError& error) {
            text = error.what();
        }
        QVERIFY2(text.contains("gave no batch in epoch 1; iterate() must begin"), text.constData());

        Fit unvalidated(folder());
        unvalidated.data.val.samples = 0;
        unvalidated.options.max_epochs = 2;
        unvalidated.run();
        QCOMPARE(unvalidated.events.warnings("val_dataloader: the IterableDataset gave no").size(),
            size_t(1));
    }

    void stopsAndKeepsTheBestAsElsewhere()
    {
        Fit fit(folder());
        fit.options.max_epochs = 9;
        fit.options.enable_checkpointing = true;
        fit.callbacks.push_back(std::make_unique<EarlyStopping>(
            EarlyStoppingOptions{.monitor = "val_loss", .patience = 2}));
        fit.callbacks.push_back(std::make_unique<ModelCheckpoint>(ModelCheckpointOptions{
            .dirpath = folder().string(), .filename = "{epoch}-{step}", .monitor = "val_loss"}));
        fit.run();
        QCOMPARE(fit.epochs, int64_t(3)); // val_loss never falls after the first
        QVERIFY(fs::exists(folder() / "epoch=0-step=5.ckpt"));
    }

    void testsAndPredictsToTheEnd()
    {
        ScriptedModel model;
        const auto data = LightningDataModule::from_datasets(
            std::make_shared<CountingStream>(CountingStream::Options{.samples = 5}), {}, {},
            std::make_shared<CountingStream>(CountingStream::Options{.samples = 7}), 2);
        auto options = bare_options(folder());
        options.max_epochs = 1;
        EventList events;
        TrainerParts parts;
        parts.observer = &events;
        Trainer trainer(options, std::move(parts));
        trainer.fit(model, *data); // in order: an IterableDataset is not shuffled
        QCOMPARE(trainer.global_step(), int64_t(3));
        StreamData streams;
        int batches = 0;
        model.on_validation_step = [&](ScriptedModel&, int64_t) { ++batches; };
        trainer.validate(model, streams);
        QCOMPARE(batches, 2);

        class Passing final : public LightningModule
        {
        public:
            StateTree predict_step(const Batch& batch, int64_t, int64_t) override
            {
                return batch[1];
            }
            OptimizerSetup configure_optimizers() override { return {}; }
            StepOutput training_step(const Batch&, int64_t) override { return at::Tensor(); }
        };
        Passing passing;
        const auto predictions = trainer.predict(passing, *data);
        QCOMPARE(predictions.size(), size_t(1));
        QCOMPARE(predictions[0].size(), size_t(4));
        QCOMPARE(predictions[0][3].tensor().item<float>(), 6.0F);
    }

private:
    fs::path folder() const { return m_folder->path().toStdString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};
LEYDEN_TEST(TestIterableFit)
} // namespace tst_iterable_fit

#include "tst_iterable_fit.moc"
