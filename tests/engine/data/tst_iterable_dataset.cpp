// SPDX-License-Identifier: GPL-3.0-or-later
// Loaders over a stream of samples: order, workers, positions, errors.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/data/combined_loader.h"
#include "engine/data/iterable_dataset.h"
#include "engine/data/read_ahead.h"
#include "engine/data/sampler.h"
#include "tests/support/counting_stream.h"
#include "tests/support/test_program.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>

#include <QTest>

#include <algorithm>
#include <stdexcept>

namespace tst_iterable_dataset {
using namespace leyden;
using leyden::test::CountingStream;
using Batches = std::vector<std::vector<int64_t>>;

namespace {

std::vector<int64_t> numbers_of(const Batch& batch)
{
    std::vector<int64_t> numbers;
    const auto y = batch[1].tensor().contiguous();
    for (int64_t i = 0; i < y.size(0); ++i)
        numbers.push_back(int64_t(y[i].item<float>()));
    return numbers;
}

Batches rest_of(BatchIterator& iterator)
{
    Batches batches;
    Batch batch;
    while (iterator.next(batch))
        batches.push_back(numbers_of(batch));
    return batches;
}

std::shared_ptr<CountingStream> stream(CountingStream::Options options)
{
    return std::make_shared<CountingStream>(std::move(options));
}

/// The message of the error that `work` throws; empty: none, or another.
template <class Error, class Work> QByteArray message_of(Work&& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestIterableDataset final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // What PyTorch 2.13 gives for the same stream.
    void givesTheBatchesOfPyTorch_data()
    {
        QTest::addColumn<int>("workers");
        QTest::addColumn<bool>("shares");
        QTest::addColumn<bool>("dropLast");
        QTest::addColumn<QList<QList<qint64>>>("batches");
        using Lists = QList<QList<qint64>>;
        QTest::newRow("one stream") << 0 << false << false << Lists{{0, 1, 2}, {3, 4, 5}, {6}};
        QTest::newRow("drop_last") << 0 << false << true << Lists{{0, 1, 2}, {3, 4, 5}};
        QTest::newRow("one worker") << 1 << false << false << Lists{{0, 1, 2}, {3, 4, 5}, {6}};
        QTest::newRow("each worker gives all")
            << 2 << false << false << Lists{{0, 1, 2}, {0, 1, 2}, {3, 4, 5}, {3, 4, 5}, {6}, {6}};
        QTest::newRow("two share") << 2 << true << false << Lists{{0, 2, 4}, {1, 3, 5}, {6}};
        QTest::newRow("two share, drop_last") << 2 << true << true << Lists{{0, 2, 4}, {1, 3, 5}};
        QTest::newRow("more workers than batches")
            << 8 << true << false << Lists{{0}, {1}, {2}, {3}, {4}, {5}, {6}};
    }
    void givesTheBatchesOfPyTorch()
    {
        QFETCH(const int, workers);
        QFETCH(const bool, shares);
        QFETCH(const bool, dropLast);
        QFETCH(const QList<QList<qint64>>, batches);
        DataLoader loader(stream({.samples = 7, .shares = shares}),
            {.batch_size = 3, .drop_last = dropLast, .num_workers = workers});
        QCOMPARE(loader.size(), unknown_size);
        for (int pass = 0; pass < 2; ++pass) {
            QList<QList<qint64>> found;
            for (const auto& batch : rest_of(*loader.iterate()))
                found.append(QList<qint64>(batch.begin(), batch.end()));
            QCOMPARE(found, batches);
        }
    }

    void stacksSamplesOrCollatesAsTold()
    {
        DataLoader loader(stream({.samples = 4}), {.batch_size = 2});
        Batch batch;
        loader.iterate()->next(batch);
        QVERIFY(at::equal(batch[0].tensor(),
            at::stack({at::full({4}, 0.0, at::kFloat), at::full({4}, 0.01, at::kFloat)})));
        DataLoader own(
            stream({.samples = 4}), {.batch_size = 3, .collate_fn = [](std::vector<Batch> samples) {
                                         return Batch(int64_t(samples.size()));
                                     }});
        const auto iterator = own.iterate();
        iterator->next(batch);
        QCOMPARE(batch.to_int(), int64_t(3));
        iterator->next(batch);
        QCOMPARE(batch.to_int(), int64_t(1));
    }

    void drawsTheBaseSeedAloneAndTellsItToTheStreams()
    {
        seed_everything(3);
        const auto base_seed = at::empty({}, at::kLong).random_().item<int64_t>();
        const auto after = generator_states().at("cpu").tensor().clone();
        seed_everything(3);
        const auto data = stream({.samples = 9, .shares = true});
        DataLoader loader(data, {.batch_size = 2, .num_workers = 3});
        rest_of(*loader.iterate());
        QVERIFY(generator_states().at("cpu").tensor().equal(after));
        auto infos = data->infos;
        std::sort(infos.begin(), infos.end(),
            [](const WorkerInfo& a, const WorkerInfo& b) { return a.id < b.id; });
        QCOMPARE(infos.size(), size_t(3));
        for (int64_t i = 0; i < 3; ++i) {
            QCOMPARE(infos[size_t(i)].id, i);
            QCOMPARE(infos[size_t(i)].num_workers, int64_t(3));
            QCOMPARE(infos[size_t(i)].seed, base_seed + i);
        }
    }

    void goesOnFromAnyPosition_data()
    {
        QTest::addColumn<int>("workers");
        QTest::addColumn<bool>("keepsState");
        for (const auto workers : {0, 1, 3})
            for (const auto keepsState : {false, true})
                QTest::addRow("%d workers, %s", workers, keepsState ? "state" : "no state")
                    << workers << keepsState;
    }
    void goesOnFromAnyPosition()
    {
        QFETCH(const int, workers);
        QFETCH(const bool, keepsState);
        const auto make
            = [&] { return stream({.samples = 20, .shares = true, .keeps_state = keepsState}); };
        const DataLoaderOptions options{.batch_size = 3, .num_workers = workers};
        DataLoader loader(make(), options);
        const auto expected = rest_of(*loader.iterate());
        for (size_t taken = 0; taken <= expected.size(); ++taken) {
            const auto iterator = loader.iterate();
            Batch batch;
            for (size_t i = 0; i < taken; ++i)
                QVERIFY(iterator->next(batch));
            auto position = iterator->state_dict();
            QCOMPARE(position.at("batches_taken").to_int(), int64_t(taken));
            const auto data = make();
            const Batches rest(expected.begin() + std::ptrdiff_t(taken), expected.end());
            {
                DataLoader another(data, options);
                const auto resumed = another.resume(position);
                QCOMPARE(resumed->state_dict().at("batches_taken").to_int(), int64_t(taken));
                QVERIFY(rest_of(*resumed) == rest);
            }
            QCOMPARE(data->infos.front().seed - data->infos.front().id,
                position.at("base_seed").to_int());
            int64_t left = 0;
            for (const auto& each : rest)
                left += int64_t(each.size());
            QCOMPARE(data->read.load(), keepsState ? left : int64_t(20));
            if (taken == 0)
                continue;
            // The batch given last is to be trained once more.
            position.set("batches_taken", int64_t(taken) - 1);
            DataLoader again(make(), options);
            QVERIFY(rest_of(*again.resume(position))
                == Batches(expected.begin() + std::ptrdiff_t(taken) - 1, expected.end()));
        }
    }

    void leavesTheGeneratorAloneWhereItReadsAgain()
    {
        const auto draw = [](int64_t) { at::rand({1}); };
        DataLoader loader(stream({.samples = 9, .before = draw}), {.batch_size = 2});
        const auto iterator = loader.iterate();
        Batch batch;
        for (int i = 0; i < 3; ++i)
            iterator->next(batch);
        const auto position = iterator->state_dict();
        seed_everything(5);
        at::rand({1});
        at::rand({1});
        const auto after_a_batch = generator_states().at("cpu").tensor().clone();
        seed_everything(5);
        loader.resume(position)->next(batch);
        QVERIFY(generator_states().at("cpu").tensor().equal(after_a_batch));
    }

    void refusesAPositionOfOtherData()
    {
        DataLoader loader(stream({.samples = 12}), {.batch_size = 2, .num_workers = 2});
        const auto iterator = loader.iterate();
        Batch batch;
        for (int i = 0; i < 7; ++i)
            iterator->next(batch);
        const auto position = iterator->state_dict();
        DataLoader alone(stream({.samples = 12}), {.batch_size = 2});
        QVERIFY(message_of<CheckpointError>([&] {
            alone.resume(position);
        }).contains("resume with the num_workers of the saved run"));
        DataLoader shorter(stream({.samples = 5}), {.batch_size = 2, .num_workers = 2});
        const auto text = message_of<CheckpointError>([&] { rest_of(*shorter.resume(position)); });
        QVERIFY2(text.contains("after batch 4 of a pass over CountingStream, but the stream ended "
                               "after 5 samples"),
            text.constData());
        DataLoader rows(
            std::make_shared<TensorDataset>(std::vector{at::rand({9, 2})}), {.batch_size = 2});
        QVERIFY(message_of<CheckpointError>([&] { rows.resume(position); }).contains("has rows"));
        const auto of_rows = rows.iterate()->state_dict();
        QVERIFY(message_of<CheckpointError>([&] {
            loader.resume(of_rows);
        }).contains("CountingStream is an IterableDataset"));
        auto damaged = position;
        damaged.set("batches_taken", int64_t(3));
        QVERIFY_EXCEPTION_THROWN(loader.resume(damaged), CheckpointError);
    }

    void namesTheDatasetAndThePlaceOfAnError_data()
    {
        QTest::addColumn<int>("workers");
        QTest::newRow("no workers") << 0;
        QTest::newRow("two workers") << 2;
    }
    void namesTheDatasetAndThePlaceOfAnError()
    {
        QFETCH(const int, workers);
        DataLoader loader(stream({.samples = 20,
                              .shares = true,
                              .before =
                                  [](int64_t sample) {
                                      if (sample == 9)
                                          throw std::runtime_error("line 9 is no number");
                                  }}),
            {.batch_size = 2, .num_workers = workers});
        const auto iterator = loader.iterate();
        Batch batch;
        // One stream: {0,1} {2,3} {4,5} {6,7} | two: {0,2} {1,3} {4,6} {5,7} {8,10}
        const int whole = workers == 0 ? 4 : 5;
        for (int i = 0; i < whole; ++i)
            QVERIFY(iterator->next(batch));
        const QByteArray expected = workers == 0
            ? "CountingStream, sample 9: line 9 is no number"
            : "CountingStream, worker 1, sample 4: line 9 is no number";
        for (int again = 0; again < 2; ++again)
            QCOMPARE(message_of<DataError>([&] { iterator->next(batch); }), expected);
        QCOMPARE(iterator->state_dict().at("batches_taken").to_int(), int64_t(whole));
    }

    void triesAgainWithTheSamplesItHas()
    {
        bool is_broken = true;
        DataLoader loader(stream({.samples = 6,
                              .before =
                                  [&](int64_t sample) {
                                      if (sample == 4 && is_broken)
                                          throw std::runtime_error("not yet");
                                  }}),
            {.batch_size = 3});
        const auto iterator = loader.iterate();
        Batch batch;
        QVERIFY(iterator->next(batch));
        QVERIFY_EXCEPTION_THROWN(iterator->next(batch), DataError);
        is_broken = false;
        QVERIFY(rest_of(*iterator) == (Batches{{3, 4, 5}}));
    }

    void refusesWhatCannotWork()
    {
        const auto data = stream({.samples = 3});
        const auto text = message_of<MisconfigurationError>(
            [&] { DataLoader(data, {.batch_size = 1, .shuffle = true}); });
        QVERIFY2(text.contains("shuffle = true, and CountingStream is an IterableDataset"),
            text.constData());
        QVERIFY(message_of<MisconfigurationError>([&] {
            DataLoader(data,
                {.batch_size = 1,
                    .sampler = std::make_shared<SubsetRandomSampler>(std::vector<int64_t>{0})});
        }).contains("a sampler, and CountingStream"));
        QVERIFY_EXCEPTION_THROWN(data->get_sample(0), DataError);

        class Broken final : public IterableDataset
        {
        public:
            std::unique_ptr<SampleStream> iterate(const WorkerInfo&) const override { return {}; }
        };
        DataLoader broken(std::make_shared<Broken>(), {.batch_size = 1});
        Batch batch;
        const auto null = message_of<DataError>([&] { broken.iterate()->next(batch); });
        QVERIFY2(null.contains("Broken: iterate() gave null"), null.constData());
    }

    void endsAtOnceWithoutSamples()
    {
        for (const int64_t workers : {0, 2}) {
            DataLoader loader(stream({}), {.batch_size = 2, .num_workers = workers});
            QVERIFY(rest_of(*loader.iterate()).empty());
        }
    }

    void readsAheadOnlySoFar()
    {
        const auto data = stream({.samples = 1000, .shares = true});
        DataLoader loader(data, {.batch_size = 1, .num_workers = 2});
        const auto iterator = loader.iterate();
        Batch batch;
        iterator->next(batch);
        // the one taken; of each worker two that are ready and one in its hands
        QTRY_COMPARE(data->read.load(), int64_t(7));
        iterator->next(batch);
        QTRY_COMPARE(data->read.load(), int64_t(8));
    }

    void knowsTheLastBatch_data()
    {
        QTest::addColumn<int>("samples");
        QTest::newRow("a whole batch") << 6;
        QTest::newRow("a part of one") << 5;
        QTest::newRow("none") << 0;
    }
    void knowsTheLastBatch()
    {
        QFETCH(const int, samples);
        DataLoader loader(stream({.samples = samples}), {.batch_size = 2});
        ReadAhead ahead(loader.iterate());
        Batch batch;
        for (int64_t taken = 1; ahead.next(batch); ++taken) {
            QCOMPARE(ahead.is_done(), taken == 3);
            QCOMPARE(ahead.state_dict().at("batches_taken").to_int(), taken);
        }
        QVERIFY(ahead.is_done());
        QVERIFY(!ahead.next(batch));
    }

    void throwsAtThePlaceOfTheBatchReadAhead()
    {
        bool is_broken = true;
        DataLoader loader(stream({.samples = 6,
                              .before =
                                  [&](int64_t sample) {
                                      if (sample == 2 && is_broken)
                                          throw std::runtime_error("broken");
                                  }}),
            {.batch_size = 2});
        ReadAhead ahead(loader.iterate());
        Batch batch;
        QVERIFY(ahead.next(batch)); // reads the second, which throws
        QVERIFY(!ahead.is_done());
        QVERIFY_EXCEPTION_THROWN(ahead.next(batch), DataError);
        QCOMPARE(ahead.state_dict().at("batches_taken").to_int(), int64_t(1));
        is_broken = false;
        QVERIFY(rest_of(ahead) == (Batches{{2, 3}, {4, 5}}));
    }

    void combinesWithRows()
    {
        const auto rows = std::make_shared<DataLoader>(
            std::make_shared<TensorDataset>(std::vector{at::rand({5, 1})}),
            DataLoaderOptions{.batch_size = 1});
        const auto samples = std::make_shared<DataLoader>(
            stream({.samples = 3}), DataLoaderOptions{.batch_size = 1});
        const auto batches = [&](CombinedMode mode) {
            CombinedLoader loader(DataLoaders{rows, samples}, mode);
            const auto iterator = loader.iterate();
            Batch batch;
            int count = 0;
            while (iterator->next(batch))
                ++count;
            return std::pair(loader.size({5, unknown_size}), count);
        };
        QVERIFY(batches(CombinedMode::MinSize) == std::pair(int64_t(5), 3));
        QVERIFY(batches(CombinedMode::MaxSize) == std::pair(unknown_size, 5));
        QVERIFY(batches(CombinedMode::MaxSizeCycle) == std::pair(unknown_size, 5));
    }
};
LEYDEN_TEST(TestIterableDataset)
} // namespace tst_iterable_dataset

#include "tst_iterable_dataset.moc"
