// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/run_config.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/run_session.h"
#include "engine/trainer/thread_count.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

namespace tst_thread_count {
using namespace leyden;
namespace fs = std::filesystem;

namespace {

/// Any layers; trains nothing.
class Layers final : public LightningModule
{
public:
    explicit Layers(
        const std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>>& layers)
        : LightningModule("Layers")
    {
        for (const auto& [name, layer] : layers)
            register_module(name, layer);
    }
    OptimizerSetup configure_optimizers() override { return {}; }
};

std::shared_ptr<torch::nn::Module> linear(int64_t in, int64_t out)
{
    return torch::nn::Linear(in, out).ptr();
}

} // namespace

/// How many threads a run takes that does not say.
class TestThreadCount final : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_folder;
    int m_threads = 1;
    int m_runs = 0;

    /// num_threads in config.json after training with so many hidden units, on 4 cores.
    int64_t threadsOf(const std::string& hidden, std::vector<ConfigOverride> overrides = {},
        std::string folder = {})
    {
        const fs::path source(LEYDEN_SOURCE_DIR);
        overrides.insert(overrides.begin(),
            {{"trainer.max_epochs", "1"}, {"trainer.limit_train_batches", "2"},
                {"trainer.limit_val_batches", "1"}, {"model.init_args.hidden_sizes", hidden}});
        at::set_num_threads(4);
        RunRequest request;
        request.fn = TrainerFn::Fit;
        request.config = load_run_config(source / "presets" / "digits-mlp.json", overrides,
            builtin_registry(), {source / "presets", source / "resources"});
        request.output_root = m_folder->path().toStdString();
        if (folder.empty())
            folder = std::to_string(++m_runs);
        request.run_dir = request.output_root / folder;
        const auto outcome = execute_run(request, builtin_registry());
        if (outcome.exit_code != 0)
            qWarning("%s", outcome.failure.c_str());
        QFile file(
            m_folder->filePath(QString::fromStdString(folder) + QStringLiteral("/config.json")));
        return file.open(QIODevice::ReadOnly)
            ? Json::parse(file.readAll().toStdString()).at("num_threads").get<int64_t>()
            : 0;
    }

private Q_SLOTS:
    void initTestCase() { m_threads = at::get_num_threads(); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qunsetenv("OMP_NUM_THREADS");
        qunsetenv("MKL_NUM_THREADS");
    }
    void cleanup() { at::set_num_threads(m_threads); }

    void growsWithTheLargestLayer()
    {
        const Layers small({{"a", linear(64, 128)}, {"b", linear(128, 64)}});
        QCOMPARE(threads_for_model(small, 64, 16), 1);   // 0.5 million multiply-adds
        QCOMPARE(threads_for_model(small, 1024, 16), 4); // 8.4 million
        const Layers large({{"a", linear(64, 8)}, {"b", linear(1024, 1024)}});
        QCOMPARE(threads_for_model(large, 1, 16), 1);
        QCOMPARE(threads_for_model(large, 8, 16), 4);
        QCOMPARE(threads_for_model(large, 128, 16), 16); // as many as there are
        QCOMPARE(threads_for_model(large, 128, 2), 2);
    }
    void isLeftAloneForOtherLayers()
    {
        const Layers layers({{"a", linear(2, 2)}, {"b", torch::nn::Conv2d(1, 2, 3).ptr()}});
        QCOMPARE(threads_for_model(layers, 1, 16), 16);
    }
    void isWrittenToTheConfig()
    {
        QCOMPARE(threadsOf("[8]"), 1);
        QCOMPARE(threadsOf("[1024, 1024]"), 4);
        QCOMPARE(threadsOf("[8]", {{"num_threads", "3"}}), 3);
    }
    void followsTheEnvironment()
    {
        for (const char* variable : {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}) {
            qputenv(variable, "4");
            QCOMPARE(threadsOf("[8]"), 4);
            qunsetenv(variable);
        }
    }
    void staysWhenARunIsResumed()
    {
        QCOMPARE(threadsOf("[8]", {{"num_threads", "3"}}, "run"), 3);
        QCOMPARE(threadsOf("[8]", {{"ckpt_path", "last"}, {"trainer.max_epochs", "2"}}, "run"), 3);
        QCOMPARE(at::get_num_threads(), 3);
    }
};
LEYDEN_TEST(TestThreadCount)
} // namespace tst_thread_count

#include "tst_thread_count.moc"
