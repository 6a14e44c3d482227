// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/preview_builder.h"
#include "app/studio/preview/private_generator.h"
#include "tests/support/test_program.h"

#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/trainer/builtin_registry.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/stack.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include <QTest>

#include <atomic>
#include <thread>

namespace tst_private_generator {
using namespace leyden;
using namespace leyden::app;

namespace {

constexpr int64_t plenty = int64_t(1) << 40;

at::Tensor cpuState()
{
    return generator_states().at("cpu").tensor();
}

at::Tensor draws(int count)
{
    std::vector<at::Tensor> drawn;
    for (int i = 0; i < count; ++i) {
        drawn.push_back(at::rand({16}));
        drawn.push_back(at::randperm(16).to(at::kFloat));
    }
    return at::stack(drawn);
}

const auto digits = QByteArrayLiteral(
    "{\"model\": {\"class_path\": \"MLP\", \"init_args\": {\"hidden_sizes\": [200, 200]}}, "
    "\"data\": {\"class_path\": \"CSVData\", \"init_args\": {\"path\": \"datasets/iris.csv\", "
    "\"target\": \"species\"}}, \"optimizer\": \"SGD\"}");

} // namespace

class TestPrivateGenerator final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void leavesTheProcessesGeneratorAlone()
    {
        seed_everything(7);
        const auto before = cpuState();
        at::Tensor privately;
        {
            const PrivateGenerator generator(plenty);
            const torch::nn::Linear linear(20, 30);
            const torch::nn::LSTM lstm(4, 5);
            privately = at::cat({linear->weight.flatten(), lstm->all_weights()[0].flatten()});
            at::randperm(100);
            at::rand({100});
        }
        QVERIFY(at::equal(before, cpuState()));
        QVERIFY(privately.detach().abs().max().item<double>() > 0.0);
        const torch::nn::Linear linear(20, 30); // without it the generator moves on
        QVERIFY(!at::equal(before, cpuState()));
    }

    void drawsAsUsualAfterwards()
    {
        seed_everything(7);
        const auto expected = draws(3);
        seed_everything(7);
        {
            const PrivateGenerator generator(plenty);
            draws(2);
        }
        QVERIFY(at::equal(draws(3), expected));
    }

    void refusesWhatIsTooLarge()
    {
        const PrivateGenerator generator(1'000'000);
        const torch::nn::Linear small(100, 100);
        QVERIFY_EXCEPTION_THROWN(torch::nn::Linear(1'000, 1'000), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            at::empty({int64_t(1) << 40, int64_t(1) << 20}), MisconfigurationError);
    }

    void forgetsTheBoundAfterwards()
    {
        {
            const PrivateGenerator generator(10);
        }
        QCOMPARE(at::empty({1000}).numel(), int64_t(1000));
    }

    // The run of the window: it draws on one thread while looks are taken on another.
    void aRunBesideItDrawsWhatItWouldDrawAlone()
    {
        seed_everything(11);
        const auto expected = draws(4000);
        seed_everything(11);
        std::atomic<bool> isOver{false};
        std::atomic<int> looks{0};
        const auto registry = builtin_registry();
        std::thread thread([&] {
            PreviewBuilder builder(
                registry, std::filesystem::path(LEYDEN_SOURCE_DIR) / "resources");
            while (!isOver) {
                if (builder.look(digits, "/").model)
                    ++looks;
            }
        });
        while (looks == 0)
            std::this_thread::yield();
        seed_everything(11);
        const auto before = looks.load();
        auto drawn = draws(4000);
        auto rounds = 1;
        while (looks < before + 3 && rounds < 1000) { // until looks were taken meanwhile
            seed_everything(11);
            drawn = draws(4000);
            ++rounds;
        }
        isOver = true;
        thread.join();
        QVERIFY(looks >= before + 3);
        QVERIFY(at::equal(drawn, expected));
    }

    void setsNoThreadCount()
    {
        const auto threads = at::get_num_threads();
        const auto registry = builtin_registry();
        PreviewBuilder builder(registry, std::filesystem::path(LEYDEN_SOURCE_DIR) / "resources");
        auto text = digits;
        text.replace("\"optimizer\"", "\"num_threads\": 13, \"optimizer\"");
        QVERIFY(builder.look(text, "/").model);
        QCOMPARE(at::get_num_threads(), threads);
    }
};
LEYDEN_TEST(TestPrivateGenerator)
} // namespace tst_private_generator

#include "tst_private_generator.moc"
