// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/factories.h"
#include "engine/models/mlp.h"
#include "engine/models/register_models.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/Context.h>
#include <ATen/ops/zeros.h>

namespace leyden::tst_mlp {

namespace {

DataSpec spec(std::vector<int64_t> feature_shape, int64_t outputs, Task task = Task::Classification)
{
    DataSpec spec;
    spec.feature_shape = std::move(feature_shape);
    spec.outputs = outputs;
    spec.task = task;
    return spec;
}

std::shared_ptr<LightningModule> make(const Json& init_args, const DataSpec& data)
{
    Registry registry;
    register_models(registry);
    return factory_of<ModelFactory>(registry, ComponentKind::Model, "MLP")(init_args, data);
}

} // namespace

class TestMLP final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_ = test::torch_references(QStringLiteral("mlp"));

private Q_SLOTS:
    void isPyTorchsModelForASeed_data() { test::add_reference_rows(references_); }

    void isPyTorchsModelForASeed()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto tolerance = references_[size_t(reference)].tolerance(test::Computed::Once);
        const auto feature_shape = recorded.at("feature_shape").get<std::vector<int64_t>>();
        at::manual_seed(recorded.at("seed").get<uint64_t>());
        const auto model = make(
            recorded.at("init_args"), spec(feature_shape, recorded.at("outputs").get<int64_t>()));

        const auto parameters = model->named_parameters();
        QCOMPARE(parameters.size(), recorded.at("parameters").size());
        for (size_t i = 0; i < parameters.size(); ++i) {
            const auto& expected = recorded.at("parameters")[i];
            QCOMPARE(parameters[i].key(), expected[0].get<std::string>());
            QCOMPARE(parameters[i].value().sizes().vec(), expected[1].get<std::vector<int64_t>>());
            COMPARE_RECORDED(parameters[i].value(), expected[2], tolerance);
        }
        const auto buffers = model->named_buffers();
        QCOMPARE(buffers.size(), recorded.at("buffers").size());
        for (size_t i = 0; i < buffers.size(); ++i)
            QCOMPARE(buffers[i].key(), recorded.at("buffers")[i][0].get<std::string>());

        auto shape = feature_shape;
        shape.insert(shape.begin(), 8);
        auto& mlp = dynamic_cast<MLP&>(*model);
        COMPARE_RECORDED(
            mlp.forward(test::pattern(shape, 37, 5, 40)), recorded.at("output"), tolerance);
    }

    void predictsItsOutput()
    {
        MLP model({}, spec({4}, 3));
        model.eval();
        const auto inputs = test::pattern({8, 4}, 37, 5, 40);
        const auto outputs = model.forward(inputs);
        const Batch batch = StateTree::tuple({inputs, at::zeros({8}, at::kLong)});
        QVERIFY(model.predict_step(batch, 0, 0).tensor().equal(outputs));
        QVERIFY(
            model.predict_step(inputs, 0, 0).tensor().equal(outputs)); // a batch without targets
    }

    void comparesNumbersRowByRow()
    {
        MLP model({.hidden_sizes = {}}, spec({4}, 1, Task::Regression));
        const auto inputs = test::pattern({8, 4}, 37, 5, 40);
        const auto targets = test::pattern({8}, 31, 0, 50); // [N] against [N, 1] would broadcast
        const auto expected
            = (model.forward(inputs) - targets.unsqueeze(1)).square().mean().item<float>();
        const auto output = model.training_step(StateTree::tuple({inputs, targets}), 0);
        QCOMPARE(output.loss.item<float>(), expected);
        QVERIFY(output.loss.requires_grad());
    }

    void keepsItsOptionsAsHparams()
    {
        const auto model
            = make(Json::object({{"hidden_sizes", {7}}, {"activation", "silu"}, {"dropout", 0.5}}),
                spec({4}, 3));
        QCOMPARE(model->hparams.size(), size_t(4));
        QCOMPARE(model->hparams.at("hidden_sizes")[0].to_int(), 7);
        QCOMPARE(model->hparams.at("activation").to_string(), std::string("silu"));
        QCOMPARE(model->hparams.at("dropout").to_double(), 0.5);
        QCOMPARE(model->hparams.at("batch_norm").to_bool(), false);
    }

    void refusesBadOptions()
    {
        QVERIFY_EXCEPTION_THROWN(MLP({.hidden_sizes = {0}}, spec({4}, 3)), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(MLP({.dropout = 1.0}, spec({4}, 3)), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(MLP({}, spec({4}, 0)), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            make(Json::object({{"activation", "swish"}}), spec({4}, 3)), MisconfigurationError);
    }
};

LEYDEN_TEST(TestMLP)
} // namespace leyden::tst_mlp

#include "tst_mlp.moc"
