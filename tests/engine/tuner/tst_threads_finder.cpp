// SPDX-License-Identifier: GPL-3.0-or-later
// The search for a number of threads: what it tries, what it suggests, and that it leaves no trace.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/run_control.h"
#include "engine/tuner/tuner.h"
#include "tests/support/boring_model.h"
#include "tests/support/event_list.h"
#include "tests/support/test_program.h"

#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/mse_loss.h>

#include <QTemporaryDir>
#include <QtTest>

#include <functional>
#include <set>

namespace tst_threads_finder {
using namespace leyden;
using namespace leyden::test;

namespace {

class Data final : public LightningDataModule
{
public:
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override
    {
        const auto x = at::arange(rows * 4, at::kFloat).reshape({rows, 4}) / 40;
        return {std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector<at::Tensor>{x, x.sum(1, true)}),
            DataLoaderOptions{.batch_size = 4, .shuffle = shuffle})};
    }
    int64_t rows = 10;
    bool shuffle = true;

private:
    DataSpec spec_;
};

/// Draws in each step, and notes the thread counts it was called with.
class Model final : public LightningModule
{
public:
    Model() : LightningModule("Model"), layer(register_module("layer", torch::nn::Linear(4, 1))) { }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        counts.insert(at::get_num_threads());
        on_step();
        const auto x = at::dropout(batch[0].tensor(), 0.3, is_training());
        auto loss = at::mse_loss(layer->forward(x), batch[1].tensor());
        log("train_loss", loss);
        losses.push_back(loss.item<double>());
        return loss;
    }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        setup.optimizers.push_back(
            std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.01, .momentum = 0.9}));
        return setup;
    }

    torch::nn::Linear layer;
    std::set<int> counts;
    std::vector<double> losses;
    std::function<void()> on_step = [] { };
};

struct Bench
{
    explicit Bench(const std::function<void(TrainerOptions&)>& change = {}, TrainerParts parts = {})
    {
        seed_everything(7);
        model = std::make_unique<Model>();
        parts.observer = &events;
        auto options = bare_options(folder.path().toStdString());
        options.max_epochs = 2;
        if (change)
            change(options);
        trainer = std::make_unique<Trainer>(options, std::move(parts));
    }
    ThreadsSearch search(
        ThreadsFinderOptions options = {.max_threads = 3, .rounds = 2, .trial_seconds = 0.002})
    {
        return Tuner(*trainer).find_threads(*model, data, options);
    }

    QTemporaryDir folder;
    EventList events = {};
    Data data;
    std::unique_ptr<Model> model;
    std::unique_ptr<Trainer> trainer;
};

using Trials = std::vector<ThreadsTrial>;

} // namespace

class TestThreadsFinder final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void triesPowersOfTwoAndAllCores_data()
    {
        QTest::addColumn<int>("most");
        QTest::addColumn<QList<qint64>>("counts");
        QTest::newRow("one") << 1 << QList<qint64>{1};
        QTest::newRow("two") << 2 << QList<qint64>{1, 2};
        QTest::newRow("six") << 6 << QList<qint64>{1, 2, 4, 6};
        QTest::newRow("eight") << 8 << QList<qint64>{1, 2, 4, 8};
    }
    void triesPowersOfTwoAndAllCores()
    {
        QFETCH(const int, most);
        QFETCH(const QList<qint64>, counts);
        const auto found = thread_counts(most);
        QCOMPARE(QList<qint64>(found.begin(), found.end()), counts);
    }

    void suggestsTheFewestOfTheFastest()
    {
        QVERIFY(!suggested_threads({}));
        QCOMPARE(*suggested_threads(Trials{{1, 1.0}}), 1);
        QCOMPARE(*suggested_threads(Trials{{1, 1.0}, {2, 0.6}, {4, 0.5}}), 4);
        QCOMPARE(*suggested_threads(Trials{{1, 1.0}, {2, 0.52}, {4, 0.5}}), 2);
        QCOMPARE(*suggested_threads(Trials{{1, 1.04}, {2, 1.0}}), 1);
        QCOMPARE(*suggested_threads(Trials{{1, 1.0}, {2, 3.0}, {4, 9.0}}), 1);
    }

    void trainsWithEachCount()
    {
        Bench bench;
        const auto found = bench.search();
        QCOMPARE(found.trials.size(), size_t(3));
        QCOMPARE(bench.model->counts, (std::set<int>{1, 2, 3}));
        for (const auto& trial : found.trials)
            QVERIFY(trial.seconds_per_batch > 0.0 && trial.seconds_per_batch < 1.0);
        QVERIFY(found.suggestion());
        QVERIFY(found.cpu_wait_share >= 0.0 && found.cpu_wait_share <= 1.0);
    }

    // More batches than two epochs have, whatever limits the run itself has.
    void noLimitOfTheRunCutsATrial_data()
    {
        QTest::addColumn<QByteArray>("limit");
        for (const char* limit : {"max_epochs", "max_steps", "limit_train_batches", "max_time",
                 "min_epochs", "min_steps", "accumulate_grad_batches", "val_check_interval"})
            QTest::newRow(limit) << QByteArray(limit);
    }
    void noLimitOfTheRunCutsATrial()
    {
        QFETCH(const QByteArray, limit);
        Bench bench([&](TrainerOptions& options) {
            if (limit == "max_epochs")
                options.max_epochs = 0;
            else if (limit == "max_steps")
                options.max_steps = 1;
            else if (limit == "limit_train_batches")
                options.limit_train_batches = int64_t(1);
            else if (limit == "max_time")
                options.max_time = std::string("00:00:00:00");
            else if (limit == "min_epochs")
                options.min_epochs = 2;
            else if (limit == "min_steps")
                options.min_steps = 1000000;
            else if (limit == "accumulate_grad_batches")
                options.accumulate_grad_batches = 7;
            else
                options.val_check_interval = int64_t(1);
        });
        const auto found = bench.search({.max_threads = 1, .rounds = 1, .trial_seconds = 0.2});
        QCOMPARE(found.trials.size(), size_t(1));
        QVERIFY(bench.model->losses.size() > 6);
    }

    void leavesNoTrace()
    {
        Bench plain;
        plain.trainer->fit(*plain.model, plain.data);
        const auto threads = at::get_num_threads();

        Bench tuned;
        const auto callbacks = tuned.trainer->callbacks().size();
        const auto generator = generator_states().at("cpu").tensor().clone();
        const auto weight = tuned.model->layer->weight.detach().clone();
        tuned.search();
        QCOMPARE(at::get_num_threads(), threads);
        QVERIFY(generator_states().at("cpu").tensor().equal(generator));
        QVERIFY(tuned.model->layer->weight.equal(weight));
        QVERIFY(!tuned.model->layer->weight.grad().defined());
        QCOMPARE(tuned.trainer->global_step(), int64_t(0));
        QCOMPARE(tuned.trainer->current_epoch(), int64_t(0));
        QCOMPARE(tuned.trainer->callbacks().size(), callbacks);
        tuned.model->losses.clear();
        tuned.trainer->fit(*tuned.model, tuned.data);
        QCOMPARE(tuned.model->losses, plain.model->losses);
        QVERIFY(tuned.model->layer->weight.equal(plain.model->layer->weight));
    }

    void putsEverythingBackWhereATrialFails()
    {
        Bench bench;
        const auto threads = at::get_num_threads();
        const auto weight = bench.model->layer->weight.detach().clone();
        bench.model->on_step = [] {
            if (at::get_num_threads() == 2)
                throw DataError("in a trial");
        };
        QVERIFY_EXCEPTION_THROWN(bench.search(), DataError);
        QCOMPARE(at::get_num_threads(), threads);
        QVERIFY(bench.model->layer->weight.equal(weight));
    }

    void endsWhereTheProgramIsInterrupted()
    {
        RunControl control;
        TrainerParts parts;
        parts.control = &control;
        Bench bench({}, std::move(parts));
        const auto threads = at::get_num_threads();
        bench.model->on_step = [&] { control.interrupt(2); };
        QVERIFY_EXCEPTION_THROWN(bench.search(), RunInterrupted);
        QCOMPARE(at::get_num_threads(), threads);
    }

    void triesNothingWhereNothingTrains_data()
    {
        QTest::addColumn<QByteArray>("why");
        for (const char* why : {"fast_dev_run", "limit_train_batches", "no rows"})
            QTest::newRow(why) << QByteArray(why);
    }
    void triesNothingWhereNothingTrains()
    {
        QFETCH(const QByteArray, why);
        Bench bench([&](TrainerOptions& options) {
            if (why == "fast_dev_run")
                options.fast_dev_run = true;
            else if (why == "limit_train_batches")
                options.limit_train_batches = int64_t(0);
        });
        if (why == "no rows") {
            bench.data.rows = 0;
            bench.data.shuffle = false;
        }
        const auto found = bench.search();
        QVERIFY(found.trials.empty());
        QVERIFY(!found.suggestion());
        QVERIFY(bench.model->losses.empty());
        QCOMPARE(bench.events.warnings("there is no training batch").empty(), why != "no rows");
    }

    void saysThatThereIsNothingToShuffle()
    {
        Bench bench;
        bench.data.rows = 0;
        const auto threads = at::get_num_threads();
        QByteArray text;
        try {
            bench.search();
        } catch (const DataError& error) {
            text = error.what();
        }
        QCOMPARE(text, QByteArray("The data set has no rows, so there is nothing to shuffle."));
        QCOMPARE(at::get_num_threads(), threads);
    }

    void refusesBadOptions()
    {
        QVERIFY_EXCEPTION_THROWN(ThreadsFinder({.max_threads = 0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            ThreadsFinder({.max_threads = {}, .rounds = 0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            ThreadsFinder({.max_threads = {}, .trial_seconds = 0.0}), MisconfigurationError);
    }
};
LEYDEN_TEST(TestThreadsFinder)
} // namespace tst_threads_finder

#include "tst_threads_finder.moc"
