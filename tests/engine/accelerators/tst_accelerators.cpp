// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/accelerators/accelerator.h"
#include "engine/accelerators/batch_transfer.h"
#include "engine/core/errors.h"
#include "engine/core/lightning_module.h"
#include "tests/support/test_program.h"

#include <ATen/Context.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include <QTest>

#include <algorithm>

namespace tst_accelerators {
using namespace leyden;

namespace {

bool has(const std::string& name)
{
    const auto there = Accelerator::available();
    return std::find(there.begin(), there.end(), name) != there.end();
}

QString refusal(const std::string& accelerator)
{
    try {
        Accelerator::resolve(accelerator);
    } catch (const MisconfigurationError& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace

class TestAccelerators final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsWhatThereIs()
    {
        QCOMPARE(Accelerator::available().front(), std::string("cpu"));
        QCOMPARE(has("cuda"), at::globalContext().hasCUDA());
        QVERIFY(Accelerator::resolve("cpu").device.is_cpu());
        const auto best = Accelerator::resolve("auto");
        QCOMPARE(best.device.is_cpu(), Accelerator::available().size() == 1);
        QCOMPARE(best.device.is_cuda(), best.name == "cuda");
    }

    void saysWhatIsMissing_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* says) {
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(says);
        };
        row("cuda", "which has: cpu");
        row("mps", "which has: cpu");
        row("gpu", "no GPU that can be used");
        row("tpu", "torch_xla");
        row("npu", "expected auto, cpu, gpu, cuda or mps");
    }

    void saysWhatIsMissing()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, says);
        const bool is_there
            = name == QLatin1String("gpu") ? has("cuda") || has("mps") : has(name.toStdString());
        if (is_there)
            QSKIP("this machine has that device: what is said without one cannot be shown");
        const auto text = refusal(name.toStdString());
        QVERIFY2(text.contains(says) && text.contains(name), qPrintable(text));
    }

    void movesABatchWithoutACopy()
    {
        const auto features = at::arange(12).reshape({4, 3});
        const auto labels = at::arange(4);
        const auto mask = features.select(1, 0); // a view
        Batch batch = StateTree::tuple({features,
            StateTree::dict({{"labels", StateTree::tuple({labels, StateTree::list({mask})})},
                {"name", "rows"}})});
        const auto* items = batch.items().data();
        const auto moved = move_to_device(std::move(batch), c10::kCPU);
        QCOMPARE(moved.items().data(), items); // not even its lists
        QVERIFY(moved.as_list().is_tuple);
        QVERIFY(moved[0].tensor().is_same(features));
        QCOMPARE(moved[0].tensor().const_data_ptr(), features.const_data_ptr());
        const auto& inner = moved[1].at("labels");
        QVERIFY(inner.as_list().is_tuple);
        QVERIFY(inner[0].tensor().is_same(labels));
        QVERIFY(!inner[1].as_list().is_tuple);
        QVERIFY(inner[1][0].tensor().is_same(mask));
        QCOMPARE(moved[1].at("name").to_string(), std::string("rows"));
    }

    void leavesAloneWhatIsThereAlready()
    {
        const auto here = at::empty({3}, at::kMeta);
        const auto there = at::arange(3);
        const auto moved
            = move_to_device(StateTree::dict({{"a", StateTree::tuple({here, there})}, {"b", 3}}),
                c10::Device(c10::kMeta));
        QVERIFY(moved.at("a")[0].tensor().is_same(here));
        QVERIFY(moved.at("a")[1].tensor().is_meta());
        QCOMPARE(moved.at("a")[1].tensor().sizes(), there.sizes());
        QCOMPARE(moved.at("b").to_int(), int64_t(3));
        QVERIFY(there.is_cpu()); // the batch's own tensor is not touched
    }

    /// What the Trainer calls.
    void theModulesHookMovesLikewise()
    {
        LightningModule module("Module");
        const auto features = at::arange(12);
        const auto moved
            = module.transfer_batch_to_device(StateTree::tuple({features}), c10::kCPU, 0);
        QVERIFY(moved[0].tensor().is_same(features));
    }

    void pinsBatchesWhereThereIsAGpu()
    {
        const auto rows = at::arange(6);
        DataLoader loader(std::make_shared<TensorDataset>(std::vector{rows}),
            {.batch_size = 4, .pin_memory = true});
        Batch batch;
        QVERIFY(loader.iterate()->next(batch));
        QCOMPARE(batch[0].tensor().is_pinned(), at::globalContext().hasCUDA());
        QVERIFY(batch[0].tensor().equal(rows.narrow(0, 0, 4)));
    }

    void copiesToAGpuAndBack()
    {
        if (!has("cuda"))
            QSKIP("needs a CUDA device");
        const auto rows = at::arange(1 << 20);
        const auto there
            = move_to_device(StateTree::tuple({rows.pin_memory()}), c10::Device(c10::kCUDA, 0));
        QVERIFY(there[0].tensor().is_cuda());
        const auto back = move_to_device(there, c10::kCPU);
        QVERIFY(back[0].tensor().equal(rows)); // waits for what it copies
    }
};
LEYDEN_TEST(TestAccelerators)
} // namespace tst_accelerators

#include "tst_accelerators.moc"
