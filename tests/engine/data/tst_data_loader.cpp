// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/data/data_loader.h"
#include "tests/support/test_program.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/rand.h>
#include <nlohmann/json.hpp>

#include <QFile>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <thread>

namespace tst_data_loader {
using namespace leyden;
using Batches = std::vector<std::vector<int64_t>>;

namespace {

void seed(uint64_t value)
{
    auto generator = at::detail::getDefaultCPUGenerator();
    generator.set_current_seed(value);
}

int64_t next_number()
{
    return at::empty({}, at::kLong).random_().item<int64_t>();
}

int64_t peek_number()
{
    auto generator = at::detail::getDefaultCPUGenerator();
    const auto state = generator.get_state();
    const auto number = next_number();
    generator.set_state(state);
    return number;
}

std::vector<int64_t> rows_of(const Batch& batch)
{
    const auto rows = batch[0].tensor().contiguous();
    return {rows.const_data_ptr<int64_t>(), rows.const_data_ptr<int64_t>() + rows.numel()};
}

Batches rest_of(BatchIterator& iterator)
{
    Batches batches;
    Batch batch;
    while (iterator.next(batch))
        batches.push_back(rows_of(batch));
    return batches;
}

std::shared_ptr<const Dataset> numbers(int64_t rows)
{
    return std::make_shared<TensorDataset>(std::vector{at::arange(rows, at::kLong)});
}

/// Gives the row numbers; calls `before` for each batch.
class WatchedDataset final : public Dataset
{
public:
    WatchedDataset(int64_t rows, std::function<void(int64_t first_row)> before)
        : rows_(rows), before_(std::move(before))
    {
    }
    int64_t size() const override { return rows_; }
    Batch get_batch(std::span<const int64_t> indices) const override
    {
        before_(indices[0]);
        auto rows = at::empty({int64_t(indices.size())}, at::kLong);
        std::copy(indices.begin(), indices.end(), rows.mutable_data_ptr<int64_t>());
        return StateTree::tuple({rows});
    }

private:
    int64_t rows_;
    std::function<void(int64_t)> before_;
};

} // namespace

class TestDataLoader final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void drawsAndOrdersAsPyTorch_data() // bitwise, on every machine: integers of the CPU generator
    {
        QTest::addColumn<int>("numWorkers");
        QTest::newRow("no workers") << 0;
        QTest::newRow("one worker") << 1;
        QTest::newRow("three workers") << 3;
    }

    void drawsAndOrdersAsPyTorch()
    {
        QFETCH(const int, numWorkers);
        std::ifstream file(LEYDEN_SOURCE_DIR "/tests/data/data_loader/orders.json");
        const auto reference = nlohmann::json::parse(file);
        for (const auto& expected : reference["cases"]) {
            seed(expected["seed"].get<uint64_t>());
            DataLoader loader(numbers(expected["rows"].get<int64_t>()),
                {expected["batch_size"].get<int64_t>(), expected["shuffle"].get<bool>(),
                    expected["drop_last"].get<bool>(), numWorkers});
            for (const auto& epoch : expected["epochs"]) {
                const auto iterator = loader.iterate();
                QCOMPARE(peek_number(), epoch["next_after_iter"].get<int64_t>());
                Batch batch;
                Batches batches;
                while (iterator->next(batch)) {
                    batches.push_back(rows_of(batch));
                    at::rand({1}); // as the script does, in place of a dropout
                }
                QVERIFY(batches == epoch["batches"].get<Batches>());
                QCOMPARE(loader.size(), int64_t(batches.size()));
            }
            QCOMPARE(next_number(), expected["next_at_end"].get<int64_t>());
        }
    }

    void goesOnFromAPosition_data()
    {
        QTest::addColumn<int>("numWorkers");
        QTest::addColumn<bool>("shuffle");
        for (const auto workers : {0, 2})
            for (const auto shuffle : {false, true})
                QTest::addRow("%d workers, %s", workers, shuffle ? "shuffled" : "in order")
                    << workers << shuffle;
    }

    void goesOnFromAPosition()
    {
        QFETCH(const int, numWorkers);
        QFETCH(const bool, shuffle);
        seed(5);
        DataLoader loader(numbers(23), {4, shuffle, false, numWorkers});
        const auto expected = rest_of(*loader.iterate());
        for (size_t taken = 0; taken <= expected.size(); ++taken) {
            seed(5);
            const auto iterator = loader.iterate();
            Batch batch;
            for (size_t i = 0; i < taken; ++i)
                iterator->next(batch);
            const auto position = iterator->state_dict();
            QCOMPARE(position.at("batches_taken").to_int(), int64_t(taken));
            QCOMPARE(position.at("order_seed").is_none(), taken == 0 || !shuffle);

            const auto before = peek_number();
            DataLoader another(numbers(23), {4, shuffle, false, numWorkers});
            const auto resumed = another.resume(position);
            QCOMPARE(peek_number(), before); // the base seed is not drawn again
            QVERIFY(rest_of(*resumed)
                == Batches(expected.begin() + std::ptrdiff_t(taken), expected.end()));
            QCOMPARE(
                resumed->state_dict().at("base_seed").to_int(), position.at("base_seed").to_int());
            if (taken > 0)
                QCOMPARE(peek_number(), before); // nor the order's
        }
    }

    void refusesAPositionOfOtherData()
    {
        DataLoader loader(numbers(10), {5});
        const auto position = [](int64_t taken) {
            return StateTree::dict(
                {{"base_seed", int64_t(1)}, {"order_seed", StateTree()}, {"batches_taken", taken}});
        };
        QVERIFY_EXCEPTION_THROWN(loader.resume(position(3)), CheckpointError);
        QVERIFY_EXCEPTION_THROWN(loader.resume(position(-1)), CheckpointError);
        QVERIFY_EXCEPTION_THROWN(loader.resume(StateTree::dict()), CheckpointError);
    }

    void copiesRowsOfAnyWidthAndType()
    {
        const std::vector sources{at::rand({10, 3, 2}), at::rand({4, 10}).t(),
            at::arange(10, at::kByte), at::arange(10, at::kLong)};
        const TensorDataset dataset(sources);
        for (std::vector<int64_t> rows : {std::vector<int64_t>{3, 4, 5}, {9, 0, 0, 7}, {2}}) {
            const auto batch = dataset.get_batch(rows);
            const auto index = at::from_blob(rows.data(), {int64_t(rows.size())}, at::kLong);
            QVERIFY(batch.as_list().is_tuple);
            QCOMPARE(batch.size(), sources.size());
            for (size_t i = 0; i < sources.size(); ++i)
                QVERIFY(at::equal(batch[i].tensor(), sources[i].index_select(0, index)));
        }
    }

    void leavesTheDataAloneWhenABatchIsChanged()
    {
        const TensorDataset dataset({at::arange(4, at::kLong)});
        const std::vector<int64_t> all{0, 1, 2, 3}; // consecutive: the tempting case for a view
        dataset.get_batch(all)[0].tensor().zero_();
        QVERIFY(rows_of(dataset.get_batch(all)) == all);
    }

    void refusesWhatCannotWork()
    {
        QVERIFY_EXCEPTION_THROWN(TensorDataset({}), DataError);
        QVERIFY_EXCEPTION_THROWN(TensorDataset({at::arange(3), at::arange(4)}), DataError);
        QVERIFY_EXCEPTION_THROWN(TensorDataset({at::empty({})}), DataError);
        for (const int64_t outside : {int64_t(-1), int64_t(3)}) {
            QByteArray text;
            try {
                numbers(3)->get_batch(std::vector<int64_t>{0, outside});
            } catch (const DataError& error) {
                text = error.what();
            }
            QCOMPARE(text,
                "row " + QByteArray::number(qint64(outside))
                    + " of a data set of 3 rows was asked for; the first is row 0");
        }
        QVERIFY_EXCEPTION_THROWN(DataLoader(numbers(3), {0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            DataLoader(numbers(3), {1, false, false, -1}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(DataLoader(numbers(0), {1, true}), DataError);
    }

    void endsAtOnceWithoutRows()
    {
        DataLoader loader(numbers(0), {4});
        QCOMPARE(loader.size(), int64_t(0));
        QVERIFY(rest_of(*loader.iterate()).empty());
    }

    void deliversAnExceptionAtItsBatch_data() { drawsAndOrdersAsPyTorch_data(); }

    void deliversAnExceptionAtItsBatch()
    {
        QFETCH(const int, numWorkers);
        std::atomic is_broken = true;
        DataLoader loader(std::make_shared<WatchedDataset>(40,
                              [&](int64_t first_row) {
                                  if (first_row == 16 && is_broken)
                                      throw std::range_error("row 16");
                              }),
            {4, false, false, numWorkers});
        const auto iterator = loader.iterate();
        Batch batch;
        for (int i = 0; i < 4; ++i)
            QVERIFY(iterator->next(batch));
        QVERIFY_EXCEPTION_THROWN(iterator->next(batch), std::range_error);
        QCOMPARE(iterator->state_dict().at("batches_taken").to_int(), int64_t(4));
        QVERIFY_EXCEPTION_THROWN(iterator->next(batch), std::range_error);
        is_broken = false;
        QVERIFY(iterator->next(batch));
        QVERIFY(rows_of(batch) == (std::vector<int64_t>{16, 17, 18, 19}));
        QCOMPARE(rest_of(*iterator).size(), size_t(5));
        QCOMPARE(
            rest_of(*loader.iterate()).size(), size_t(10)); // the loader is fit for another pass
    }

    void fetchesAheadOnlySoFar()
    {
        std::atomic<int64_t> fetched = 0;
        DataLoader loader(std::make_shared<WatchedDataset>(1000, [&](int64_t) { ++fetched; }),
            {1, false, false, 2});
        const auto iterator = loader.iterate();
        Batch batch;
        iterator->next(batch);
        QTRY_COMPARE(fetched.load(), int64_t(5)); // the one taken, and two a worker
        iterator->next(batch);
        QTRY_COMPARE(fetched.load(), int64_t(6));
    }

    void endsWhileWorkersAreBusy()
    {
        std::counting_semaphore<> gate(0);
        std::atomic<int> waiting = 0;
        auto loader = std::make_unique<DataLoader>(std::make_shared<WatchedDataset>(100,
                                                       [&](int64_t first_row) {
                                                           if (first_row == 0)
                                                               return;
                                                           ++waiting;
                                                           gate.acquire();
                                                       }),
            DataLoaderOptions{1, false, false, 2});
        auto iterator = loader->iterate();
        Batch batch;
        iterator->next(batch);
        QTRY_COMPARE(waiting.load(), 2); // both workers stand at the gate
        iterator.reset();                // returns although they do
        gate.release(1000);
        QCOMPARE(rest_of(*loader->iterate()).size(),
            size_t(100)); // and what they bring belongs to no one
        iterator = loader->iterate();
        loader.reset(); // the iterator outlives its loader
        QCOMPARE(rest_of(*iterator).size(), size_t(100));
    }

    void keepsItsThreadsFromPassToPass()
    {
        std::mutex mutex;
        std::set<std::thread::id> threads;
        DataLoader loader(std::make_shared<WatchedDataset>(50,
                              [&](int64_t) {
                                  const std::lock_guard lock(mutex);
                                  threads.insert(std::this_thread::get_id());
                              }),
            {1, false, false, 2});
        for (int pass = 0; pass < 5; ++pass)
            rest_of(*loader.iterate());
        QVERIFY(threads.size() <= 2);
        QVERIFY(!threads.contains(std::this_thread::get_id()));
    }

    void startsNoMoreThreadsThanThereAreBatches()
    {
        const auto threads = [] {
            QFile status(QStringLiteral("/proc/self/status"));
            if (!status.open(QIODevice::ReadOnly))
                return -1;
            const auto text = status.readAll();
            const auto at = text.indexOf("Threads:");
            return text.mid(at + 8, text.indexOf('\n', at) - at - 8).trimmed().toInt();
        };
        const auto before = threads();
        QVERIFY(before > 0);
        DataLoader loader(numbers(60), {20, true, false, 200});
        seed(3);
        const auto iterator = loader.iterate();
        Batch batch;
        iterator->next(batch);
        QCOMPARE(threads(), before + 3);
        const auto drawn = next_number();

        seed(3); // what is drawn does not depend on it
        DataLoader alone(numbers(60), {20, true, false, 0});
        alone.iterate()->next(batch);
        QCOMPARE(next_number(), drawn);
    }

    void givesTheRightRowsWhenASecondPassBegins()
    {
        DataLoader loader(numbers(60), {2, false, false, 3});
        const auto expected = rest_of(*loader.iterate());
        const auto first = loader.iterate();
        Batch batch;
        first->next(batch);
        const auto second = loader.iterate();
        second->next(batch);
        QVERIFY(rest_of(*first) == Batches(expected.begin() + 1, expected.end()));
        QVERIFY(rest_of(*second) == Batches(expected.begin() + 1, expected.end()));
    }

    void costOfAPass_data()
    {
        QTest::addColumn<int>("numWorkers");
        QTest::newRow("no workers") << 0;
        QTest::newRow("two workers") << 2;
    }

    void costOfAPass() // 1000 batches of 64 rows of 64 numbers
    {
        QFETCH(const int, numWorkers);
        DataLoader loader(
            std::make_shared<TensorDataset>(std::vector{at::rand({64000, 64}), at::arange(64000)}),
            {64, true, false, numWorkers});
        Batch batch;
        int64_t batches = 0;
        QBENCHMARK
        {
            const auto iterator = loader.iterate();
            while (iterator->next(batch))
                ++batches;
        }
        QCOMPARE(batches % 1000, int64_t(0));
    }
};
LEYDEN_TEST(TestDataLoader)
} // namespace tst_data_loader

#include "tst_data_loader.moc"
