// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/model_pruning.h"

#include "tests/support/boring_fit.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

namespace tst_model_pruning {
using namespace leyden;
using namespace leyden::test;

/// Several ModelPruning in one run. BoringModel's layer has few weights, so shares are large.
class TestModelPruning final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // Lightning keeps one mask a parameter, whichever callback made it.
    void aLaterOnePrunesWhatTheEarlierOnesLeft()
    {
        QCOMPARE(zerosAfter({2}), int64_t(2));
        QCOMPARE(zerosAfter({2, 1}), int64_t(3));
        QCOMPARE(zerosAfter({1, 1, 1}), int64_t(3));
    }

    void whatTheFirstPrunedStaysZero()
    {
        QCOMPARE(zerosAfter({1, 1}), int64_t(2));
        QVERIFY(m_weights.ne(0).any().item<bool>());
    }

private:
    /// Weights that are zero after one epoch with callbacks that prune so many each.
    int64_t zerosAfter(const std::vector<int64_t>& amounts)
    {
        const QTemporaryDir folder;
        Run run(folder.path().toStdString());
        run.options.max_epochs = 1;
        for (const auto amount : amounts) {
            ModelPruningOptions options;
            options.pruning_fn = PruningMethod::L1Unstructured;
            options.amount = amount;
            options.parameter_names = {"weight"};
            run.callbacks.push_back(std::make_unique<ModelPruning>(options));
        }
        run.prepare = [this](BoringModel& model) {
            model.on_hook = [this](BoringModel& m, Hook hook, int64_t) {
                if (hook == Hook::OnFitEnd)
                    m_weights = m.parameters().front().detach().clone();
            };
        };
        run.fit();
        return m_weights.eq(0).sum().item<int64_t>();
    }

    at::Tensor m_weights;
};
LEYDEN_TEST(TestModelPruning)
} // namespace tst_model_pruning

#include "tst_model_pruning.moc"
