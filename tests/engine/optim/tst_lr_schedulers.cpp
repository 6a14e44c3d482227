// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/factories.h"
#include "engine/optim/adam.h"
#include "engine/optim/composite_lr.h"
#include "engine/optim/cosine_annealing_lr.h"
#include "engine/optim/rate_expression.h"
#include "engine/optim/reduce_lr_on_plateau.h"
#include "engine/optim/register_optimizers.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/ops/zeros.h>

namespace leyden::tst_lr_schedulers {

namespace {

SGD two_groups()
{
    return SGD(
        {SGD::group({at::zeros({2})}, {.lr = 0.1}), SGD::group({at::zeros({3})}, {.lr = 0.3})});
}

std::unique_ptr<Optimizer> two_groups_of(const std::string& name)
{
    std::vector<at::Tensor> first = {at::zeros({2})};
    std::vector<at::Tensor> second = {at::zeros({3})};
    if (name == "Adam")
        return std::make_unique<Adam>(
            std::vector{Adam::group(first, {.lr = 0.1}), Adam::group(second, {.lr = 0.3})});
    return std::make_unique<SGD>(
        std::vector{SGD::group(first, {.lr = 0.1}), SGD::group(second, {.lr = 0.3})});
}

/// The rates and momentums of the groups, as the recorder has them.
Json rates_of(const Optimizer& optimizer)
{
    auto rates = Json::array();
    for (const auto& group : optimizer.param_groups()) {
        const auto* betas = group.options.find("betas");
        rates.push_back(
            {group.lr, (betas ? (*betas)[0] : group.options.at("momentum")).to_double()});
    }
    return rates;
}

void step(Optimizer& optimizer, LRScheduler& scheduler, const Json& recorded, int64_t number)
{
    optimizer.step();
    const auto& metrics = recorded.at("metrics");
    scheduler.step(scheduler.needs_metric()
            ? std::optional(metrics[size_t(number - 1)].get<double>())
            : std::nullopt);
}

std::shared_ptr<LRScheduler> make(
    const std::string& name, const Json& init_args, Optimizer& optimizer)
{
    Registry registry;
    register_optimizers(registry);
    return factory_of<LRSchedulerFactory>(registry, ComponentKind::LRScheduler, name)(
        init_args, optimizer);
}

} // namespace

class TestLRSchedulers final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_
        = test::torch_references(QStringLiteral("schedulers"));

private Q_SLOTS:
    void givesPyTorchsRates_data() { test::add_reference_rows(references_); }

    void givesPyTorchsRates()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto optimizer = two_groups_of(recorded.at("optimizer"));
        const auto scheduler
            = make(recorded.at("class_path"), recorded.at("init_args"), *optimizer);
        for (int64_t number = 0; number <= 100; ++number) {
            if (number > 0)
                step(*optimizer, *scheduler, recorded, number);
            const auto& rates = recorded.at("rates");
            if (const auto found = rates.find(std::to_string(number)); found != rates.end())
                QVERIFY2(rates_of(*optimizer) == *found, // doubles: on every machine
                    (std::to_string(number) + ": " + rates_of(*optimizer).dump() + " for "
                        + found->dump())
                        .c_str());
            for (size_t i = 0; i < 2; ++i)
                QCOMPARE(scheduler->last_lr()[i], optimizer->param_groups()[i].lr);
        }
        const auto state = test::to_json(scheduler->state_dict());
        QVERIFY2(state == recorded.at("state"), state.dump().c_str()); // also the order of the keys
        auto keys = Json::array();
        const auto optimizer_state = optimizer->state_dict();
        for (const auto& [key, value] : optimizer_state.at("param_groups")[0].entries())
            keys.push_back(std::get<std::string>(key));
        QCOMPARE(keys.dump(), recorded.at("group_keys").dump());
    }

    void goesOnFromEveryState_data() { test::add_reference_rows(references_); }

    void goesOnFromEveryState()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        const auto optimizer = two_groups_of(recorded.at("optimizer"));
        const auto scheduler
            = make(recorded.at("class_path"), recorded.at("init_args"), *optimizer);
        for (int64_t number = 1; number <= 37; ++number)
            step(*optimizer, *scheduler, recorded, number);
        const auto other = two_groups_of(recorded.at("optimizer"));
        const auto resumed = make(recorded.at("class_path"), recorded.at("init_args"), *other);
        other->load_state_dict(optimizer->state_dict());
        resumed->load_state_dict(scheduler->state_dict());
        for (int64_t number = 38; number <= 90; ++number) {
            QCOMPARE(rates_of(*other).dump(), rates_of(*optimizer).dump());
            QCOMPARE(resumed->last_lr(), scheduler->last_lr());
            step(*optimizer, *scheduler, recorded, number);
            step(*other, *resumed, recorded, number);
        }
    }

    void goesOnFromItsState()
    {
        auto optimizer = two_groups();
        CosineAnnealingLR scheduler(optimizer, {.T_max = 5, .eta_min = 0.01});
        for (int i = 0; i < 7; ++i)
            scheduler.step();
        auto other = two_groups();
        CosineAnnealingLR resumed(other, {.T_max = 9});
        other.load_state_dict(optimizer.state_dict());
        resumed.load_state_dict(scheduler.state_dict());
        QCOMPARE(resumed.last_lr(), scheduler.last_lr());
        for (int i = 0; i < 7; ++i) {
            scheduler.step();
            resumed.step();
            QCOMPARE(resumed.last_lr(), scheduler.last_lr());
        }
    }

    void carriesOnARateChangedByHand()
    {
        auto optimizer = two_groups();
        StepLR scheduler(optimizer, {.step_size = 2, .gamma = 0.5});
        optimizer.param_groups()[0].lr = 8.0;
        scheduler.step();
        scheduler.step();
        QCOMPARE(optimizer.param_groups()[0].lr, 4.0);
        QCOMPARE(optimizer.param_groups()[0].options.at("initial_lr").to_double(), 0.1);
    }

    void readsFormulas_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value"); // for epoch = 7, by Python
        const auto row = [](const char* text, double value) {
            QTest::newRow(text) << QString::fromLatin1(text) << value;
        };
        row("-2 ** 2", -4);
        row("2 ** -1 ** 2", 0.5);
        row("2 ** 3 ** 2", 512);
        row("-7 // 2", -4);
        row("-epoch % 4", 1);
        row("epoch % -4", -1);
        row("8 - 3 - 2", 3);
        row("24 / 4 / 2", 3);
        row("1 if epoch < 7 else 2 if epoch == 7 else 3", 2);
        row("(epoch >= 7) + (epoch != 7)", 1);
        row("0 or epoch and 5", 5);
        row("not epoch or not not 2", 1);
        row("min(3, epoch, 5) + max(1, 2)", 5);
        row("math.pow(2, 3) + abs(-1.5e0)", 9.5);
        row("floor(2.7) + ceil(2.1) + sqrt(16)", 9);
    }

    void readsFormulas()
    {
        QFETCH(const QString, text);
        QFETCH(const double, value);
        QCOMPARE(RateExpression(text.toStdString())(7), value);
    }

    void refusesFormulas_data()
    {
        QTest::addColumn<QString>("text");
        for (const auto* text :
            {"", "epoch +", "(epoch", "epoch)", "1..2", "step", "open('x')", "min(1)", "1 if epoch",
                "1 < 2 < 3", "pow(1, 2, 3)", "epoch epoch", "__import__", "1 / 0"})
            QTest::newRow(text) << QString::fromLatin1(text);
        QTest::newRow("deep") << QString(500, QLatin1Char('('));
        QTest::newRow("long") << QString(5000, QLatin1Char('1'));
    }

    void refusesFormulas()
    {
        QFETCH(const QString, text);
        QVERIFY_EXCEPTION_THROWN(RateExpression(text.toStdString())(7), MisconfigurationError);
    }

    void refusesBadOptions_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("init_args"); // with ' for quotes
        const auto row = [](const char* name, const char* init_args) {
            QTest::addRow("%s %s", name, init_args)
                << QString::fromLatin1(name) << QString::fromLatin1(init_args);
        };
        row("ConstantLR", "{'factor': 1.5}");
        row("LinearLR", "{'start_factor': 0}");
        row("LinearLR", "{'end_factor': -0.1}");
        row("ExponentialLR", "{}");
        row("CosineAnnealingWarmRestarts", "{'T_0': 0}");
        row("CosineAnnealingWarmRestarts", "{'T_0': 2, 'T_mult': 0}");
        row("OneCycleLR", "{'max_lr': 0.1}");
        row("OneCycleLR", "{'max_lr': 0.1, 'epochs': 3}");
        row("OneCycleLR", "{'max_lr': [0.1], 'total_steps': 9}");
        row("OneCycleLR", "{'max_lr': 0.1, 'total_steps': 9, 'pct_start': 1.5}");
        row("CyclicLR", "{'base_lr': 0.1}");
        row("CyclicLR", "{'base_lr': 0.1, 'max_lr': 0.2, 'mode': 'square'}");
        row("ReduceLROnPlateau", "{'factor': 1.0}");
        row("ReduceLROnPlateau", "{'min_lr': [0.1]}");
        row("LambdaLR", "{'lr_lambda': 'epoch +'}");
        row("LambdaLR", "{'lr_lambda': ['1']}");
        row("SequentialLR", "{'schedulers': [], 'milestones': []}");
        row("SequentialLR",
            "{'schedulers': [{'class_path': 'ConstantLR', 'init_args': {}}], 'milestones': [3]}");
        row("ChainedScheduler",
            "{'schedulers': [{'class_path': 'ReduceLROnPlateau', 'init_args': {}}]}");
        row("SequentialLR",
            "{'schedulers': [{'class_path': 'ConstantLR', 'init_args': {}}, {'class_path': "
            "'ChainedScheduler', "
            "'init_args': {'schedulers': [{'class_path': 'ConstantLR', 'init_args': {}}]}}], "
            "'milestones': [3]}");
        row("WarmupCosineLR", "{'warmup_steps': 5, 'total_steps': 5}");
    }

    void refusesBadOptions()
    {
        QFETCH(const QString, name);
        QFETCH(QString, init_args);
        init_args.replace(QLatin1Char('\''), QLatin1Char('"'));
        auto optimizer = two_groups();
        QVERIFY_EXCEPTION_THROWN(
            make(name.toStdString(), Json::parse(init_args.toStdString()), optimizer),
            MisconfigurationError);
    }

    void refusesAStepAfterTheCycle()
    {
        auto optimizer = two_groups();
        const auto scheduler = make("OneCycleLR", {{"max_lr", 0.1}, {"total_steps", 2}}, optimizer);
        scheduler->step();
        scheduler->step();
        QVERIFY_EXCEPTION_THROWN(scheduler->step(), MisconfigurationError);
    }

    void needsItsMetric()
    {
        auto optimizer = two_groups();
        ReduceLROnPlateau scheduler(optimizer, {.patience = 0});
        QVERIFY_EXCEPTION_THROWN(scheduler.step(), MisconfigurationError);
        scheduler.step(1.0);
        scheduler.step(std::numeric_limits<double>::quiet_NaN()); // no improvement
        QCOMPARE(optimizer.param_groups()[0].lr, 0.1 * 0.1);
    }

    void refusesWhatDoesNotFit()
    {
        auto optimizer = two_groups();
        QVERIFY_EXCEPTION_THROWN(StepLR(optimizer, {.step_size = 0}), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            make("CosineAnnealingLR", Json::object(), optimizer), MisconfigurationError);
        StepLR scheduler(optimizer, {.step_size = 2});
        SGD one_group({at::zeros({2})});
        StepLR other(one_group, {.step_size = 2});
        QVERIFY_EXCEPTION_THROWN(other.load_state_dict(scheduler.state_dict()), CheckpointError);
    }
};

LEYDEN_TEST(TestLRSchedulers)
} // namespace leyden::tst_lr_schedulers

#include "tst_lr_schedulers.moc"
