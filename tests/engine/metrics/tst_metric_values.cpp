// SPDX-License-Identifier: GPL-3.0-or-later
// Every metric against what torchmetrics computed, batch by batch and over all: bit for bit where
// this CPU rounds as the recorded one, else to a tolerance. tests/lightning/record_metrics.py has
// the same formulas for the inputs.
#include "engine/core/errors.h"
#include "engine/metrics/accuracy.h"
#include "engine/metrics/auroc.h"
#include "engine/metrics/average_precision.h"
#include "engine/metrics/confusion_matrix.h"
#include "engine/metrics/f1_score.h"
#include "engine/metrics/mae.h"
#include "engine/metrics/mse.h"
#include "engine/metrics/perplexity.h"
#include "engine/metrics/precision_score.h"
#include "engine/metrics/r2_score.h"
#include "engine/metrics/recall_score.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <memory>

namespace leyden::tst_metric_values {
namespace {

using Inputs = std::pair<at::Tensor, at::Tensor>;
constexpr int64_t ignored = 9;

template <class Value>
Value choice(const std::string& name, const std::vector<std::pair<const char*, Value>>& choices)
{
    for (const auto& [text, value] : choices) {
        if (name == text)
            return value;
    }
    qFatal("%s: no such choice", name.c_str());
}

const std::vector<std::pair<const char*, ClassificationTask>> tasks{
    {"binary", ClassificationTask::Binary}, {"multiclass", ClassificationTask::Multiclass},
    {"multilabel", ClassificationTask::Multilabel}};
const std::vector<std::pair<const char*, Average>> averages{{"micro", Average::Micro},
    {"macro", Average::Macro}, {"weighted", Average::Weighted}, {"none", Average::None}};

std::optional<int64_t> number(const Json& options, const char* key)
{
    return options.contains(key) ? std::optional(options.at(key).get<int64_t>()) : std::nullopt;
}

std::unique_ptr<Metric> make_class_metric(const std::string& kind, const Json& recorded)
{
    const auto& given = recorded.at("options");
    const ClassificationOptions options{.task = choice(given.at("task").get<std::string>(), tasks),
        .num_classes = given.value("num_classes", int64_t(0)),
        .average = choice(given.value("average", "macro"), averages),
        .threshold = given.value("threshold", 0.5),
        .top_k = given.value("top_k", int64_t(1)),
        .ignore_index = number(given, "ignore_index"),
        .zero_division = given.value("zero_division", 0.0)};
    if (kind == "Accuracy")
        return std::make_unique<Accuracy>(options);
    if (kind == "Precision")
        return std::make_unique<PrecisionScore>(options);
    if (kind == "Recall")
        return std::make_unique<RecallScore>(options);
    if (kind == "F1Score")
        return std::make_unique<F1Score>(options);
    return std::make_unique<ConfusionMatrix>(options,
        choice<Normalize>(recorded.at("normalize").get<std::string>(),
            {{"none", Normalize::None}, {"true", Normalize::True}, {"pred", Normalize::Pred},
                {"all", Normalize::All}}));
}

std::unique_ptr<Metric> make_metric(const Json& recorded)
{
    const auto kind = recorded.at("metric").get<std::string>();
    const auto& given = recorded.at("options");
    if (kind == "MAE")
        return std::make_unique<MAE>(given.value("num_outputs", int64_t(1)));
    if (kind == "MSE")
        return std::make_unique<MSE>(given.value("num_outputs", int64_t(1)));
    if (kind == "Perplexity")
        return std::make_unique<Perplexity>(number(given, "ignore_index"));
    if (kind == "R2Score")
        return std::make_unique<R2Score>(R2Options{.adjusted = given.value("adjusted", int64_t(0)),
            .multioutput = choice<MultiOutput>(given.value("multioutput", "uniform_average"),
                {{"raw_values", MultiOutput::RawValues},
                    {"uniform_average", MultiOutput::UniformAverage},
                    {"variance_weighted", MultiOutput::VarianceWeighted}})});
    if (kind != "AUROC" && kind != "AveragePrecision")
        return make_class_metric(kind, recorded);
    const CurveOptions options{.task = choice(given.at("task").get<std::string>(), tasks),
        .num_classes = given.at("num_classes").get<int64_t>(),
        .average = choice(given.at("average").get<std::string>(), averages),
        .thresholds = number(given, "thresholds"),
        .ignore_index = number(given, "ignore_index")};
    if (kind == "AUROC")
        return std::make_unique<AUROC>(options);
    return std::make_unique<AveragePrecision>(options);
}

int64_t count(const std::vector<int64_t>& shape)
{
    int64_t product = 1;
    for (const auto size : shape)
        product *= size;
    return product;
}

at::Tensor integers(const std::vector<int64_t>& shape, int64_t classes, int64_t batch)
{
    const auto i = at::arange(count(shape));
    return (i * i * 31 + i * 17 + 7 * batch).floor_divide(5).remainder(classes).reshape(shape);
}

at::Tensor with_ignored(const at::Tensor& target, std::optional<int64_t> ignore_index)
{
    if (!ignore_index)
        return target;
    const auto is_ignored
        = at::arange(target.numel()).remainder(ignored).eq(0).reshape(target.sizes());
    return at::where(is_ignored, *ignore_index, target);
}

std::vector<int64_t> joined(std::vector<int64_t> shape, const std::vector<int64_t>& tail)
{
    shape.insert(shape.end(), tail.begin(), tail.end());
    return shape;
}

Inputs class_inputs(const Json& recorded, int64_t rows, int64_t batch)
{
    const auto& options = recorded.at("options");
    const auto task = options.at("task").get<std::string>();
    const auto classes = options.value("num_classes", int64_t(0));
    const auto kind = recorded.at("inputs").get<std::string>();
    const auto extra = recorded.at("extra").get<std::vector<int64_t>>();
    const auto narrow = joined({rows}, extra);
    const auto wide = task == "binary" ? narrow : joined({rows, classes}, extra);
    at::Tensor preds;
    if (kind == "labels") {
        preds = integers(narrow, 3, batch + 5);
    } else {
        const auto values = test::pattern(wide, 7919, 15485 * batch, 20);
        preds = kind == "logits" ? values * 3 : (values + 1) / 2;
    }
    auto target
        = task == "multiclass" ? integers(narrow, classes, batch) : integers(wide, 2, batch);
    for (const auto& missing : recorded.value("absent", Json::array()))
        target = target.masked_fill(target.eq(missing.get<int64_t>()), 0);
    return {preds, with_ignored(target, number(options, "ignore_index"))};
}

Inputs inputs_of(const Json& recorded, size_t batch_index)
{
    const auto rows = recorded.at("rows").at(batch_index).get<int64_t>();
    const auto batch = int64_t(batch_index);
    if (recorded.contains("inputs"))
        return class_inputs(recorded, rows, batch);
    if (recorded.at("metric") == "Perplexity")
        return {test::pattern({rows, 6, 5}, 7919, batch, 500) * 4,
            with_ignored(
                integers({rows, 6}, 5, batch), number(recorded.at("options"), "ignore_index"))};
    const auto shape = joined({rows}, recorded.at("extra").get<std::vector<int64_t>>());
    return {test::pattern(shape, 7919, batch, 500), test::pattern(shape, 31, batch, 50)};
}

} // namespace

class TestMetricValues final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_;

    const Json& recorded() const
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        return references_[size_t(reference)].cases[size_t(index)];
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const auto* name : {"classes", "curves", "numbers"}) {
            auto found = test::torch_references(QLatin1String(name), QStringLiteral("metrics"),
                QStringLiteral("record_metrics.py"));
            std::move(found.begin(), found.end(), std::back_inserter(references_));
        }
    }

    void agreesWithTorchmetrics_data() { test::add_reference_rows(references_); }

    void agreesWithTorchmetrics()
    {
        QFETCH(const int, reference);
        const auto tolerance = references_[size_t(reference)].tolerance(test::Computed::Once);
        const auto& wanted = recorded();
        const auto metric = make_metric(wanted);
        for (size_t i = 0; i < wanted.at("rows").size(); ++i) {
            const auto [preds, target] = inputs_of(wanted, i);
            metric->update(preds, target);
            COMPARE_RECORDED(
                metric->batch_value().to(at::kFloat), wanted.at("batches").at(i), tolerance);
        }
        const auto value = metric->compute();
        QCOMPARE(value.sizes().vec(), wanted.at("shape").get<std::vector<int64_t>>());
        COMPARE_RECORDED(value.to(at::kFloat), wanted.at("value"), tolerance);
    }

    void goesOnFromItsState_data() { agreesWithTorchmetrics_data(); }

    void goesOnFromItsState()
    {
        const auto& wanted = recorded();
        const auto whole = make_metric(wanted);
        const auto resumed = make_metric(wanted);
        for (size_t i = 0; i < wanted.at("rows").size(); ++i) {
            const auto [preds, target] = inputs_of(wanted, i);
            whole->update(preds, target);
            if (i == 1)
                resumed->load_state_dict(whole->state_dict().deep_copy());
            else if (i > 1)
                resumed->update(preds, target);
        }
        // NaN as -1, which none of them gives.
        QVERIFY(whole->compute().nan_to_num(-1).equal(resumed->compute().nan_to_num(-1)));
        resumed->reset();
        const auto [preds, target] = inputs_of(wanted, 0);
        resumed->update(preds, target);
        const auto fresh = make_metric(wanted);
        fresh->update(preds, target);
        QVERIFY(resumed->compute().nan_to_num(-1).equal(fresh->compute().nan_to_num(-1)));
    }

    void aStateOfOtherClassesIsRefused()
    {
        const ConfusionMatrix three({.num_classes = 3});
        ConfusionMatrix four({.num_classes = 4});
        QVERIFY_EXCEPTION_THROWN(four.load_state_dict(three.state_dict()), CheckpointError);
    }

    void optionsOutOfRangeAreRefused()
    {
        QVERIFY_EXCEPTION_THROWN(
            Accuracy(ClassificationOptions{}), MisconfigurationError); // classes unset
        QVERIFY_EXCEPTION_THROWN(F1Score({.num_classes = 3, .top_k = 4}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            PrecisionScore({.task = ClassificationTask::Binary, .threshold = 1.5}),
            MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            RecallScore({.num_classes = 3, .zero_division = 0.5}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(AUROC({.thresholds = 1}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(AUROC({.task = ClassificationTask::Multiclass,
                                     .num_classes = 3,
                                     .average = Average::Micro}),
            MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(MAE(0), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(R2Score({.adjusted = -1}), MisconfigurationError);
    }

    void inputsThatDoNotFitAreRefused()
    {
        Accuracy accuracy({.num_classes = 3});
        QVERIFY_EXCEPTION_THROWN(
            accuracy.update(at::zeros({2, 4}), at::arange(2)), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            accuracy.update(at::zeros({2, 3}), at::arange(2) + 2), MisconfigurationError);
        F1Score f1({.task = ClassificationTask::Binary});
        QVERIFY_EXCEPTION_THROWN(f1.update(at::zeros({3}), at::arange(3)), MisconfigurationError);
        AUROC auroc;
        QVERIFY_EXCEPTION_THROWN(auroc.update(at::arange(2), at::arange(2)), MisconfigurationError);
        Perplexity perplexity;
        QVERIFY_EXCEPTION_THROWN(
            perplexity.update(at::zeros({2, 3}), at::arange(2)), MisconfigurationError);
        MSE mse;
        QVERIFY_EXCEPTION_THROWN(
            mse.update(at::zeros({2, 1}), at::zeros({2})), MisconfigurationError);
        R2Score r2;
        r2.update(at::zeros({1}), at::zeros({1}));
        QVERIFY_EXCEPTION_THROWN(r2.compute(), MisconfigurationError);
    }

    void keepsNoGraph()
    {
        AUROC auroc;
        const auto preds = at::ones({2}).set_requires_grad(true);
        auroc.update(preds * 0.5, at::arange(2));
        QVERIFY(!auroc.compute().requires_grad());
        QVERIFY(!auroc.state_dict().at("preds")[0].tensor().requires_grad());
    }

    void reachesThresholdsAsComparedOneByOne()
    {
        // Scores on, just below and just above the thresholds.
        const auto preds = at::tensor({0.0F, 0.25F, 0.24999999F, 0.5F, 0.75000006F, 1.0F});
        const auto target = at::tensor({0, 1, 0, 1, 0, 1}, at::kLong);
        AveragePrecision metric({.thresholds = 5});
        metric.update(preds, target);
        const auto counts = metric.state_dict().at("counts").tensor().squeeze(1);
        for (int64_t i = 0; i < 5; ++i) {
            const auto reached = preds.ge(0.25 * double(i));
            QCOMPARE(counts.slice(0, i + 1).select(1, 1).sum().item<int64_t>(),
                (reached.logical_and(target.eq(1))).sum().item<int64_t>());
            QCOMPARE(counts.slice(0, i + 1).select(1, 0).sum().item<int64_t>(),
                (reached.logical_and(target.eq(0))).sum().item<int64_t>());
        }
    }
};

LEYDEN_TEST(TestMetricValues)
} // namespace leyden::tst_metric_values

#include "tst_metric_values.moc"
