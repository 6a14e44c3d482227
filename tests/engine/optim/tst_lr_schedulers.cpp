// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/factories.h"
#include "engine/optim/cosine_annealing_lr.h"
#include "engine/optim/register_optimizers.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"
#include "tests/support/torch_reference.h"

#include <ATen/ops/zeros.h>

namespace leyden {

namespace {

SGD two_groups()
{
    return SGD(
        {SGD::group({at::zeros({2})}, {.lr = 0.1}), SGD::group({at::zeros({3})}, {.lr = 0.3})});
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
        auto optimizer = two_groups();
        const auto scheduler = make(
            recorded.at("class_path").get<std::string>(), recorded.at("init_args"), optimizer);
        bool is_first = true;
        for (const auto& rates : recorded.at("rates")) {
            if (!is_first) {
                optimizer.step();
                scheduler->step();
            }
            is_first = false;
            for (size_t i = 0; i < rates.size(); ++i) { // doubles: exactly, on every machine
                QCOMPARE(Json(optimizer.param_groups()[i].lr).dump(), rates[i].dump());
                QCOMPARE(scheduler->last_lr()[i], optimizer.param_groups()[i].lr);
            }
        }

        const auto state = scheduler->state_dict();
        QCOMPARE(state.size(), recorded.at("state").size());
        size_t position = 0;
        for (const auto& [key, value] : recorded.at("state").items()) {
            const auto& [found_key, found] = state.entries()[position++];
            QCOMPARE(std::get<std::string>(found_key), key);
            if (value.is_boolean())
                QCOMPARE(found.to_bool(), value.get<bool>());
            else if (value.is_number_integer())
                QCOMPARE(found.to_int(), value.get<int64_t>());
            else if (value.is_number())
                QCOMPARE(found.to_double(), value.get<double>());
            else
                QCOMPARE(found[1].to_double(), value[1].get<double>());
        }
        auto keys = Json::array();
        const auto optimizer_state = optimizer.state_dict();
        for (const auto& [key, value] : optimizer_state.at("param_groups")[0].entries())
            keys.push_back(std::get<std::string>(key));
        QCOMPARE(keys.dump(), recorded.at("group_keys").dump());
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

} // namespace leyden

QTEST_GUILESS_MAIN(leyden::TestLRSchedulers)
#include "tst_lr_schedulers.moc"
