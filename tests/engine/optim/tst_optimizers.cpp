// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/factories.h"
#include "engine/optim/adam.h"
#include "engine/optim/register_optimizers.h"
#include "engine/optim/sgd.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <c10/core/GradMode.h>

namespace leyden::tst_optimizers {

namespace {

using Shapes = std::vector<std::vector<int64_t>>;

std::vector<at::Tensor> parameters(
    const Shapes& shapes = {{3, 17}, {5}, {2}}, at::ScalarType dtype = at::kFloat)
{
    std::vector<at::Tensor> params;
    for (const auto& shape : shapes)
        params.push_back(test::pattern(shape, 31, 17 * int64_t(params.size()), 50)
                .to(dtype)
                .set_requires_grad(true));
    return params;
}

void set_gradients(const std::vector<at::Tensor>& params, int64_t step, bool for_all = false)
{
    for (size_t k = 0; k < params.size(); ++k) {
        const bool has_none = k + 1 == params.size() && step % 2 == 1 && !for_all;
        params[k].mutable_grad() = has_none
            ? at::Tensor()
            : test::pattern(params[k].sizes().vec(), 7919, 15485 * int64_t(k) + 104729 * step)
                  .to(params[k].scalar_type());
    }
}

std::shared_ptr<Optimizer> make(
    const std::string& name, const Json& init_args, const std::vector<at::Tensor>& params)
{
    Registry registry;
    register_optimizers(registry);
    NamedParameters named;
    for (const auto& param : params)
        named.emplace_back("p" + std::to_string(named.size()), param);
    return factory_of<OptimizerFactory>(registry, ComponentKind::Optimizer, name)(init_args, named);
}

at::ScalarType dtype_of(const Json& recorded)
{
    const auto& name = recorded.at("dtype");
    return name == "bfloat16" ? at::kBFloat16 : name == "float16" ? at::kHalf : at::kFloat;
}

void compare_state(
    const Json& snapshot, const Optimizer& optimizer, const test::Tolerance& tolerance)
{
    const auto dict = optimizer.state_dict();
    const auto& state = dict.at("state");
    QCOMPARE(state.size(), snapshot.at("state").size());
    for (const auto& [index, entry] : snapshot.at("state").items()) {
        const auto& saved = state.at(std::stoll(index));
        QCOMPARE(saved.size(), entry.size());
        size_t position = 0;
        for (const auto& [key, hex] : entry.items()) {
            QCOMPARE(std::get<std::string>(saved.entries()[position++].first), key);
            COMPARE_RECORDED(saved.at(key).tensor().to(at::kFloat), hex, tolerance);
        }
    }
    auto groups = test::to_json(dict.at("param_groups"));
    for (auto& group : groups)
        group["params"] = group.at("params").size();
    QCOMPARE(groups.dump(), snapshot.at("groups").dump()); // also the order of the keys, and
                                                           // whether a number is whole
}

void compare_snapshot(const Json& snapshot, const std::vector<at::Tensor>& params,
    const Optimizer& optimizer, const test::Tolerance& tolerance)
{
    for (size_t i = 0; i < params.size(); ++i)
        COMPARE_RECORDED(params[i].to(at::kFloat), snapshot.at("params")[i], tolerance);
    if (snapshot.contains("state"))
        compare_state(snapshot, optimizer, tolerance);
}

} // namespace

class TestOptimizers final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_
        = test::torch_references(QStringLiteral("optimizers"));

private Q_SLOTS:
    void stepsAsPyTorchDoes_data() { test::add_reference_rows(references_); }

    void stepsAsPyTorchDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto tolerance
            = references_[size_t(reference)].tolerance(test::Computed::InSteps, dtype_of(recorded));
        const auto params = parameters(recorded.at("shapes").get<Shapes>(), dtype_of(recorded));
        const auto optimizer
            = make(recorded.at("class_path").get<std::string>(), recorded.at("init_args"), params);
        for (int64_t step = 1; step <= 100; ++step) {
            set_gradients(params, step, recorded.at("all_gradients").get<bool>());
            optimizer->step();
            const auto& snapshots = recorded.at("snapshots");
            if (const auto found = snapshots.find(std::to_string(step)); found != snapshots.end())
                compare_snapshot(*found, params, *optimizer, tolerance);
        }
    }

    void goesOnFromItsState_data() { test::add_reference_rows(references_); }

    void goesOnFromItsState()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto name = recorded.at("class_path").get<std::string>();
        const auto params = parameters(recorded.at("shapes").get<Shapes>(), dtype_of(recorded));
        const auto optimizer = make(name, recorded.at("init_args"), params);
        for (int64_t step = 1; step <= 12; ++step) {
            set_gradients(params, step);
            optimizer->step();
        }
        const auto state = optimizer->state_dict();
        std::vector<at::Tensor> copies;
        for (const auto& param : params)
            copies.push_back(param.detach().clone().set_requires_grad(true));
        auto init_args = recorded.at("init_args");
        init_args["lr"] = 0.5; // what the state says counts
        const auto resumed = make(name, init_args, copies);
        resumed->load_state_dict(state);
        for (int64_t step = 13; step <= 20; ++step) {
            set_gradients(params, step);
            set_gradients(copies, step);
            optimizer->step();
            resumed->step(); // its buffers are its own: both would step a shared one
        }
        for (size_t i = 0; i < params.size(); ++i)
            QVERIFY(params[i].equal(copies[i]));
    }

    void returnsTheClosuresLoss()
    {
        const auto params = parameters();
        SGD optimizer(params, {.lr = 0.5});
        const c10::NoGradGuard no_grad;
        const auto before = params[1].detach().clone();
        const auto loss = optimizer.step([&] {
            auto value = params[1].sum();
            value.backward(); // fails unless gradients are on
            return value.detach();
        });
        QVERIFY(loss.equal(before.sum()));
        QVERIFY(params[1].equal(before - 0.5));
    }

    void stepsTiedParametersOnce()
    {
        const auto param = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
        const auto before = param.detach().clone();
        param.mutable_grad() = at::ones_like(before);
        const auto optimizer = make("SGD", Json::object({{"lr", 0.25}}), {param, param});
        optimizer->step();
        QVERIFY(param.equal(before - 0.25));
        QCOMPARE(optimizer->param_groups()[0].params.size(), size_t(1));
    }

    void refusesAWriteThatBackwardNeeds()
    {
        const auto param = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
        const auto loss = (param * param).sum();
        param.mutable_grad() = at::ones_like(param.detach());
        SGD optimizer({param});
        optimizer.step();
        QVERIFY_EXCEPTION_THROWN(loss.backward(), c10::Error);
    }

    void zeroGradLeavesNoGradient()
    {
        const auto params = parameters();
        set_gradients(params, 2);
        Adam optimizer(params);
        optimizer.zero_grad();
        for (const auto& param : params)
            QVERIFY(!param.grad().defined());
    }

    void keepsTheOptionsOfEachGroup()
    {
        const auto params = parameters();
        set_gradients(params, 2);
        SGD optimizer({SGD::group({params[0]}, {.lr = 0.0}), SGD::group({params[1]}, {.lr = 1.0})});
        const auto first = params[0].detach().clone();
        const auto second = params[1].detach().clone();
        optimizer.step();
        QVERIFY(params[0].equal(first));
        QVERIFY(params[1].equal(second - params[1].grad()));
        QCOMPARE(optimizer.state_dict().at("param_groups")[1].at("params")[0].to_int(), 1);
    }

    /// Python's checkpoints and logs show whether an argument was an int.
    void keepsHowANumberWasWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("init_args");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("held"); // by the group, as torch.optim's holds it
        const auto row
            = [](const char* name, const char* key, const char* given, const char* held) {
                  QTest::addRow("%s, %s = %s", name, key, *given ? given : "unset")
                      << QString::fromLatin1(name)
                      << (*given ? QStringLiteral("{\"%1\": %2}")
                                       .arg(QLatin1String(key), QLatin1String(given))
                                 : QStringLiteral("{}"))
                      << QString::fromLatin1(key) << QString::fromLatin1(held);
              };
        for (const char* key : {"momentum", "dampening", "weight_decay"}) {
            row("SGD", key, "", "0");
            row("SGD", key, "0", "0");
            row("SGD", key, "0.0", "0.0");
            row("SGD", key, "1", "1");
        }
        for (const char* name :
            {"Adam", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "ASGD"})
            row(name, "weight_decay", "", "0");
        row("AdamW", "weight_decay", "", "0.01");
        row("AdamW", "weight_decay", "0", "0");
        row("Adagrad", "lr_decay", "", "0");
        row("Adagrad", "initial_accumulator_value", "", "0");
        row("Adagrad", "lr_decay", "0.0", "0.0");
        row("RMSprop", "momentum", "", "0");
        row("Rprop", "step_sizes", "", "[1e-06,50]");
        row("Rprop", "step_sizes", "[0.5, 50.0]", "[0.5,50.0]");
    }

    void keepsHowANumberWasWritten()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, init_args);
        QFETCH(const QString, key);
        QFETCH(const QString, held);
        const auto optimizer
            = make(name.toStdString(), Json::parse(init_args.toStdString()), parameters());
        const auto held_by = [&](const Optimizer& one) {
            const auto state = one.state_dict();
            return test::to_json(state.at("param_groups")[0].at(key.toStdString())).dump();
        };
        QCOMPARE(held_by(*optimizer), held.toStdString());
        // a copy takes over what a state says
        const auto copy = make(name.toStdString(), Json::object(), parameters());
        copy->load_state_dict(optimizer->state_dict());
        QCOMPARE(held_by(*copy), held.toStdString());
    }

    void refusesBadOptions_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("init_args");
        const auto row = [](const char* tag, const char* name, const char* init_args) {
            QTest::newRow(tag) << QString::fromLatin1(name)
                               << QString::fromLatin1(init_args).replace(
                                      QLatin1Char('\''), QLatin1Char('"'));
        };
        row("negative rate", "SGD", "{'lr': -0.1}");
        row("negative momentum", "SGD", "{'momentum': -0.1}");
        row("nesterov without momentum", "SGD", "{'nesterov': true}");
        row("nesterov with dampening", "SGD",
            "{'nesterov': true, 'momentum': 0.9, 'dampening': 0.1}");
        row("beta of 1", "Adam", "{'betas': [0.9, 1.0]}");
        row("negative beta", "AdamW", "{'betas': [-0.1, 0.9]}");
        row("negative eps", "Adam", "{'eps': -1e-8}");
        row("negative decay", "AdamW", "{'weight_decay': -1}");
        row("differentiable", "AdamW", "{'differentiable': true}");
        for (const char* name : {"SGD", "Adam", "AdamW", "Adagrad"})
            row((std::string("foreach beside fused, ") + name).c_str(), name,
                "{'foreach': true, 'fused': true}");
        row("foreach, which it has not", "LBFGS", "{'foreach': true}");
        row("foreach, which it has not, Muon", "Muon", "{'foreach': true}");
        row("group without params", "SGD", "{'param_groups': [{'lr': 0.1}]}");
        row("group of a bad pattern", "SGD", "{'param_groups': [{'params': '('}]}");
        row("group of nothing", "SGD", "{'param_groups': [{'params': 'bias', 'lr': 0.1}]}");
        row("group with a bad option", "SGD", "{'param_groups': [{'params': 'p1', 'lr': -1}]}");
        row("group with an unknown option", "SGD",
            "{'param_groups': [{'params': 'p1', 'rate': 1}]}");
        row("rho above 1", "Adadelta", "{'rho': 1.1}");
        row("etas the wrong way", "Rprop", "{'etas': [1.2, 0.5]}");
        row("negative start", "Adagrad", "{'initial_accumulator_value': -1}");
        row("no matrix", "Muon", "{}");
        row("unknown", "Adam", "{'learning_rate': 0.1}");
    }

    void refusesBadOptions()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, init_args);
        QVERIFY_EXCEPTION_THROWN(
            make(name.toStdString(), Json::parse(init_args.toStdString()), parameters()),
            MisconfigurationError);
    }

    void refusesBadOptionsFromCode()
    {
        QVERIFY_EXCEPTION_THROWN(SGD(parameters(), {.lr = -1}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(AdamW(parameters(), {.betas = {0.9, 1.0}}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(Adam(std::vector<at::Tensor>()), MisconfigurationError);
    }

    void refusesAStateThatDoesNotFit()
    {
        const auto params = parameters();
        set_gradients(params, 2);
        Adam optimizer(params);
        optimizer.step();
        const auto state = optimizer.state_dict();

        Adam fewer({params[0]});
        QVERIFY_EXCEPTION_THROWN(fewer.load_state_dict(state), CheckpointError);
        Adam reordered({params[1], params[0], params[2]});
        QVERIFY_EXCEPTION_THROWN(reordered.load_state_dict(state), CheckpointError);
        Adam groups({Adam::group({params[0]}, {}), Adam::group({params[1], params[2]}, {})});
        QVERIFY_EXCEPTION_THROWN(groups.load_state_dict(state), CheckpointError);
        QVERIFY_EXCEPTION_THROWN(optimizer.load_state_dict(StateTree::dict()), CheckpointError);
    }
};

LEYDEN_TEST(TestOptimizers)
} // namespace leyden::tst_optimizers

#include "tst_optimizers.moc"
