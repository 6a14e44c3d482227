// SPDX-License-Identifier: GPL-3.0-or-later
// The loss scaler against a recorded torch.amp.GradScaler("cpu"), step by step.
#include "engine/core/factories.h"
#include "engine/optim/adam.h"
#include "engine/optim/gradient_clipping.h"
#include "engine/optim/register_optimizers.h"
#include "engine/optim/sgd.h"
#include "engine/precision/grad_scaler.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>

#include <limits>

namespace leyden::tst_grad_scaler {

namespace {

std::vector<at::Tensor> parameters()
{
    std::vector<at::Tensor> params;
    for (const auto& shape : std::vector<std::vector<int64_t>>{{3, 17}, {5}, {2}})
        params.push_back(
            test::pattern(shape, 31, 17 * int64_t(params.size()), 50).set_requires_grad(true));
    return params;
}

/// The recorder's loss_of(): gradients of a pattern; the last parameter's are faulty.
at::Tensor loss_of(const std::vector<at::Tensor>& params, int64_t step, const std::string& fault)
{
    at::Tensor loss;
    for (size_t k = 0; k < params.size(); ++k) {
        auto weight
            = test::pattern(params[k].sizes().vec(), 7919, 15485 * int64_t(k) + 104729 * step);
        if (k + 1 == params.size() && !fault.empty())
            weight = weight
                * (fault == "inf" ? std::numeric_limits<double>::infinity() : std::nan(""));
        const auto part = (params[k] * weight).sum();
        loss = loss.defined() ? loss + part : part;
    }
    return loss;
}

GradScalerOptions options_of(const Json& said)
{
    GradScalerOptions options;
    options.init_scale = said.value("init_scale", options.init_scale);
    options.growth_factor = said.value("growth_factor", options.growth_factor);
    options.backoff_factor = said.value("backoff_factor", options.backoff_factor);
    options.growth_interval = said.value("growth_interval", options.growth_interval);
    return options;
}

std::shared_ptr<Optimizer> make(const Json& recorded, const std::vector<at::Tensor>& params)
{
    Registry registry;
    register_optimizers(registry);
    NamedParameters named;
    for (const auto& param : params)
        named.emplace_back("p" + std::to_string(named.size()), param);
    return factory_of<OptimizerFactory>(registry, ComponentKind::Optimizer,
        recorded.at("class_path").get<std::string>())(recorded.at("init_args"), named);
}

} // namespace

class TestGradScaler final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_
        = test::torch_references(QStringLiteral("grad_scaler"), QStringLiteral("precision"),
            QStringLiteral("record_precision.py"));

private Q_SLOTS:
    void scalesAsPyTorchDoes_data() { test::add_reference_rows(references_); }

    void scalesAsPyTorchDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto tolerance = references_[size_t(reference)].tolerance(test::Computed::InSteps);
        const auto params = parameters();
        const auto optimizer = make(recorded, params);
        GradScaler scaler(options_of(recorded.at("scaler")));
        int64_t step = 0;
        for (const auto& expected : recorded.at("steps")) {
            ++step;
            optimizer->zero_grad();
            scaler
                .scale(loss_of(params, step, recorded.at("faults").value(std::to_string(step), "")))
                .backward();
            if (const auto& clip = recorded.at("clip"); !clip.is_null()) {
                scaler.unscale_(*optimizer);
                clip_grad_norm_(params, clip.get<double>());
            }
            scaler.step(*optimizer);
            for (size_t k = 0; k < params.size(); ++k) {
                COMPARE_RECORDED(params[k].grad(), expected.at("gradients")[k], tolerance);
                COMPARE_RECORDED(params[k], expected.at("params")[k], tolerance);
            }
            scaler.update();
            const auto state = test::to_json(scaler.state_dict());
            QVERIFY2(state == expected.at("state"), state.dump().c_str());
        }
        const auto dict = optimizer->state_dict();
        for (const auto& [position, entry] : recorded.at("state").items())
            for (const auto& [key, hex] : entry.items())
                COMPARE_RECORDED(
                    dict.at("state").at(std::stoll(position)).at(key).tensor(), hex, tolerance);
    }

    void leavesOutAStepThatOverflows()
    {
        const auto param = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
        const auto before = param.detach().clone();
        SGD optimizer({param}, {.lr = 1.0, .momentum = 0.9});
        GradScaler scaler({.init_scale = 4.0});
        scaler.scale((param * std::numeric_limits<float>::infinity()).sum()).backward();
        QVERIFY(!scaler.step(optimizer));
        scaler.update();
        QVERIFY(param.equal(before));
        QCOMPARE(optimizer.state_dict().at("state").size(), size_t(0)); // no momentum of it either
        QCOMPARE(scaler.get_scale(), 2.0);
        optimizer.zero_grad();
        scaler.scale(param.sum()).backward();
        QVERIFY(param.grad().equal(at::ones_like(before) * 2));
        QVERIFY(scaler.step(optimizer));
        QVERIFY(param.equal(before - 1.0));
    }

    void goesOnFromItsState()
    {
        const auto param = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
        SGD optimizer({param}, {.lr = 0.0});
        GradScaler scaler({.init_scale = 8.0, .growth_factor = 4.0, .growth_interval = 2});
        const auto good_step = [&](GradScaler& used) {
            optimizer.zero_grad();
            used.scale(param.sum()).backward();
            used.step(optimizer);
            used.update();
        };
        good_step(scaler);
        const auto state = scaler.state_dict();
        QCOMPARE(state.at("_growth_tracker").to_int(), int64_t(1));
        GradScaler resumed;
        resumed.load_state_dict(state);
        // before its first loss
        QVERIFY(test::to_json(resumed.state_dict()) == test::to_json(state));
        good_step(resumed);
        QCOMPARE(resumed.get_scale(), 32.0);
        good_step(scaler);
        scaler.load_state_dict(state); // in the middle of a run
        QCOMPARE(scaler.get_scale(), 8.0);
        good_step(scaler);
        QCOMPARE(scaler.get_scale(), 32.0);
        QVERIFY_EXCEPTION_THROWN(resumed.load_state_dict(StateTree::dict()), CheckpointError);
    }

    void refusesCallsOutOfOrder()
    {
        const auto param = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
        SGD optimizer({param}, {.lr = 0.1});
        GradScaler scaler;
        // nothing was scaled
        QVERIFY_EXCEPTION_THROWN(scaler.unscale_(optimizer), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(scaler.update(), MisconfigurationError);
        const auto loss = scaler.scale(param.sum());
        QVERIFY_EXCEPTION_THROWN(scaler.step(optimizer), MisconfigurationError); // no gradients yet
        scaler = GradScaler();
        scaler.scale(param.sum()).backward();
        scaler.unscale_(optimizer);
        QVERIFY_EXCEPTION_THROWN(scaler.unscale_(optimizer), MisconfigurationError);
        scaler.step(optimizer);
        QVERIFY_EXCEPTION_THROWN(scaler.step(optimizer), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(scaler.unscale_(optimizer), MisconfigurationError);
        scaler.update();
        QVERIFY_EXCEPTION_THROWN(scaler.update(), MisconfigurationError);
    }

    void refusesHalfGradients()
    {
        const auto param = at::ones({3}, at::kHalf).set_requires_grad(true);
        SGD optimizer({param}, {.lr = 0.1});
        GradScaler scaler;
        scaler.scale(param.sum()).backward();
        QVERIFY_EXCEPTION_THROWN(scaler.step(optimizer), MisconfigurationError);
    }

    void refusesFactorsThatCannotWork()
    {
        QVERIFY_EXCEPTION_THROWN(GradScaler({.growth_factor = 1.0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(GradScaler({.backoff_factor = 1.0}), MisconfigurationError);
    }
};

LEYDEN_TEST(TestGradScaler)
} // namespace leyden::tst_grad_scaler

#include "tst_grad_scaler.moc"
