// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/config/option_table.h"
#include "engine/optim/lbfgs.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/scalar_tensor.h>

namespace leyden::tst_lbfgs {

namespace {

/// The recorder's rosenbrock() of two parameters.
struct Valley
{
    at::Tensor x = test::pattern({4}, 31, 0, 50).set_requires_grad(true);
    at::Tensor y = test::pattern({5}, 31, 17, 50).set_requires_grad(true);

    at::Tensor loss() const
    {
        return (at::rsub(x, 1).pow(2) + (y.slice(0, 0, 4) - x.pow(2)).pow(2) * 100).sum();
    }

    Closure closure_for(Optimizer& optimizer) const
    {
        return [this, &optimizer] {
            optimizer.zero_grad();
            auto value = loss();
            value.backward();
            return value.detach();
        };
    }
};

/// A state as the recorder writes it: tensors as the hexadecimal text of their bytes.
Json hex_state(const StateTree& value)
{
    if (value.is_tensor()) {
        const auto tensor = value.tensor().contiguous();
        return QByteArray(
            static_cast<const char*>(tensor.const_data_ptr()), qsizetype(tensor.nbytes()))
            .toHex()
            .toStdString();
    }
    if (value.is_dict()) {
        auto object = Json::object();
        for (const auto& [key, item] : value.entries())
            object[std::get<std::string>(key)] = hex_state(item);
        return object;
    }
    if (!value.is_list())
        return test::to_json(value);
    auto list = Json::array();
    for (const auto& item : value.items())
        list.push_back(hex_state(item));
    return list;
}

} // namespace

class TestLBFGS final : public QObject
{
    Q_OBJECT

    std::vector<test::TorchReference> references_ = test::torch_references(QStringLiteral("lbfgs"));

private Q_SLOTS:
    void stepsAsPyTorchDoes_data() { test::add_reference_rows(references_); }

    void stepsAsPyTorchDoes()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = references_[size_t(reference)].cases[size_t(index)];
        // With other kernels the iterations of the first step, up to 20, drift apart a little,
        // those of later ones freely.
        const auto tolerance
            = references_[size_t(reference)].tolerance(test::Computed::InSteps).times(10);
        const Valley valley;
        LBFGS optimizer({valley.x, valley.y}, read_options<LBFGSOptions>(recorded.at("init_args")));
        for (int64_t step = 1; step <= 100; ++step) {
            const auto loss = optimizer.step(valley.closure_for(optimizer));
            const auto& snapshots = recorded.at("snapshots");
            const auto found = snapshots.find(std::to_string(step));
            if (found == snapshots.end())
                continue;
            COMPARE_RECORDED(loss, found->at("loss"), tolerance);
            COMPARE_RECORDED(valley.x, found->at("params")[0], tolerance);
            COMPARE_RECORDED(valley.y, found->at("params")[1], tolerance);
            if (!tolerance.is_bitwise())
                return;
            if (!found->contains("state"))
                continue;
            const auto state = optimizer.state_dict();
            const auto own = hex_state(state.at("state").at(int64_t(0)));
            QVERIFY2(own == found->at("state"),
                (own.dump() + " for " + found->at("state").dump()).c_str());
            const auto group = test::to_json(state.at("param_groups")[0]);
            QVERIFY2(group == found->at("group"), group.dump().c_str());
        }
    }

    void goesOnFromItsState()
    {
        for (const bool searches : {false, true}) {
            LBFGSOptions options;
            options.lr = 0.3;
            options.max_iter = 4;
            options.history_size = 3;
            if (searches)
                options.line_search_fn = LineSearch::StrongWolfe;
            const Valley valley;
            LBFGS optimizer({valley.x, valley.y}, options);
            for (int i = 0; i < 3; ++i)
                optimizer.step(valley.closure_for(optimizer));
            Valley copy;
            copy.x = valley.x.detach().clone().set_requires_grad(true);
            copy.y = valley.y.detach().clone().set_requires_grad(true);
            LBFGS resumed({copy.x, copy.y});
            resumed.load_state_dict(optimizer.state_dict());
            for (int i = 0; i < 5; ++i) {
                optimizer.step(valley.closure_for(optimizer));
                resumed.step(copy.closure_for(resumed));
            }
            QVERIFY(valley.x.equal(copy.x));
            QVERIFY(valley.y.equal(copy.y));
        }
    }

    /// Where no step is better than none, Python's file has the whole numbers it began with.
    void keepsPythonsWholeNumbers()
    {
        LBFGSOptions options;
        options.line_search_fn = LineSearch::StrongWolfe;
        const Valley valley;
        LBFGS optimizer({valley.x}, options);
        double loss = 0;
        optimizer.step([&] {
            valley.x.mutable_grad() = at::ones_like(valley.x);
            return at::scalar_tensor(loss += 1); // uphill wherever it looks
        });
        const auto state = optimizer.state_dict().at("state").at(int64_t(0));
        QVERIFY(state.at("t").is_int() && state.at("t").to_int() == 0);
        QVERIFY(state.at("H_diag").is_int() && state.at("H_diag").to_int() == 1);
    }

    void refusesWhatItCannotUse()
    {
        const Valley valley;
        LBFGS optimizer({valley.x, valley.y});
        QVERIFY_EXCEPTION_THROWN(optimizer.step(), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            optimizer.step([] { return at::Tensor(); }), MisconfigurationError);
        LBFGSOptions options;
        options.max_iter = 0;
        QVERIFY_EXCEPTION_THROWN(LBFGS({valley.x}, options), MisconfigurationError);

        LBFGS other({valley.x, test::pattern({3}, 1, 0).set_requires_grad(true)});
        optimizer.step(valley.closure_for(optimizer));
        QVERIFY_EXCEPTION_THROWN(other.load_state_dict(optimizer.state_dict()), CheckpointError);
    }
};

LEYDEN_TEST(TestLBFGS)
} // namespace leyden::tst_lbfgs

#include "tst_lbfgs.moc"
