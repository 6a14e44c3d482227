// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/errors.h"
#include "engine/metrics/accuracy.h"
#include "engine/metrics/rmse.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

namespace leyden::tst_metrics {

class TestMetrics final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_
        = test::torch_references(QStringLiteral("metrics"));

private Q_SLOTS:
    void agreesWithTorchmetrics_data() { test::add_reference_rows(references_); }

    void agreesWithTorchmetrics()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto tolerance = references_[size_t(reference)].tolerance(test::Computed::Once);
        Accuracy accuracy;
        RMSE rmse;
        RMSE rmse_in_unit(4.0);
        int64_t i = 0;
        for (const auto& batch : recorded.at("batches")) {
            const auto rows = batch.at("rows").get<int64_t>();
            accuracy.update(test::pattern({rows, 4}, 7919, i, 500), at::arange(rows).remainder(4));
            COMPARE_RECORDED(accuracy.batch_value(), batch.at("accuracy"), tolerance);
            const auto preds = test::pattern({rows, 1}, 7919, i, 500);
            const auto target = test::pattern({rows, 1}, 31, i, 50);
            rmse.update(preds, target);
            rmse_in_unit.update(preds, target);
            COMPARE_RECORDED(rmse.batch_value(), batch.at("rmse"), tolerance);
            ++i;
        }
        COMPARE_RECORDED(accuracy.compute(), recorded.at("accuracy"), tolerance);
        COMPARE_RECORDED(rmse.compute(), recorded.at("rmse"), tolerance);
        QVERIFY(rmse_in_unit.compute().equal(rmse.compute() * 4.0));
    }

    void takesClassesAsWellAsScores()
    {
        Accuracy accuracy;
        accuracy.update(at::arange(4), at::arange(4).clamp_max(2));
        QCOMPARE(accuracy.compute().item<float>(), 0.75f);
    }

    void goesOnFromItsState()
    {
        RMSE rmse;
        rmse.update(test::pattern({5}, 7, 1), at::zeros({5}));
        RMSE resumed;
        resumed.load_state_dict(rmse.state_dict().deep_copy());
        rmse.update(test::pattern({3}, 7, 2), at::zeros({3}));
        resumed.update(test::pattern({3}, 7, 2), at::zeros({3}));
        QVERIFY(resumed.compute().equal(rmse.compute()));
    }

    void startsAgainAfterReset()
    {
        RMSE rmse;
        rmse.update(test::pattern({5}, 7, 1), at::zeros({5}));
        rmse.reset();
        QCOMPARE(rmse.compute().item<float>(), 0.0f);
        rmse.update(at::zeros({2}).add_(3), at::zeros({2}));
        QCOMPARE(rmse.compute().item<float>(), 3.0f);
    }

    void refusesShapesThatWouldBroadcast()
    {
        RMSE rmse;
        QVERIFY_EXCEPTION_THROWN(
            rmse.update(at::zeros({4, 1}), at::zeros({4})), MisconfigurationError);
    }
};

LEYDEN_TEST(TestMetrics)
} // namespace leyden::tst_metrics

#include "tst_metrics.moc"
