// SPDX-License-Identifier: GPL-3.0-or-later
// What log() makes of values in a fit (specification 3).
#include "tests/support/boring_fit.h"
#include "tests/support/test_program.h"

#include <ATen/ops/zeros.h>

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <limits>

namespace tst_fit_logging {
using namespace leyden;
using namespace leyden::test;

class TestFitLogging final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string root() const { return m_folder.path().toStdString(); }

private Q_SLOTS:
    void weighsByBatchSize()
    {
        Run run(root());
        run.options.max_epochs = 1;
        run.data.train_rows = 10; // 4, 4, 2
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel& m, at::Tensor loss, int64_t idx) {
                LogOptions epoch;
                epoch.on_step = false;
                epoch.on_epoch = true;
                const auto value = double(idx + 1);
                m.log("mean", value, epoch);
                for (const auto& [name, reduce] :
                    {std::pair("min", Reduce::Min), {"max", Reduce::Max}, {"sum", Reduce::Sum}}) {
                    epoch.reduce_fx = reduce;
                    m.log(name, value, epoch);
                }
                epoch.reduce_fx = Reduce::Mean;
                epoch.batch_size = 1;
                m.log("unweighted", value, epoch);
                m.log("nan", idx == 1 ? std::numeric_limits<double>::quiet_NaN() : 1.0, epoch);
                return StepOutput(std::move(loss));
            };
        };
        run.fit();
        QCOMPARE(float(run.metrics.at("mean")), 1.8F);
        QCOMPARE(run.metrics.at("min"), 1.0);
        QCOMPARE(run.metrics.at("max"), 3.0);
        QCOMPARE(run.metrics.at("sum"), 6.0);
        QCOMPARE(run.metrics.at("unweighted"), 2.0);
        QVERIFY(std::isnan(run.metrics.at("nan")));
    }
    void forksNames()
    {
        Run run(root());
        run.options.max_epochs = 1;
        run.data.val_loaders = 2;
        double in_batch = -1.0;
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel& m, at::Tensor loss, int64_t idx) {
                LogOptions both;
                both.on_step = true;
                both.on_epoch = true;
                m.log("a", double(idx), both);
                m.log("b", double(idx));
                return StepOutput(std::move(loss));
            };
        };
        run.callback = [&](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainBatchEnd)
                in_batch = trainer.callback_metrics().find("a").value_or(-1.0);
        };
        run.fit();
        QCOMPARE(in_batch, 3.0);            // the step's while training
        QCOMPARE(run.metrics.at("a"), 1.5); // the epoch's at the end
        QCOMPARE(run.metrics.at("a_step"), 3.0);
        QCOMPARE(run.metrics.at("a_epoch"), 1.5);
        QCOMPARE(run.metrics.at("b"), 3.0);
        QVERIFY(run.metrics.contains("val_loss/dataloader_idx_0"));
        QVERIFY(run.metrics.contains("val_loss/dataloader_idx_1"));
        QVERIFY(!run.metrics.contains("val_loss"));
        QStringList names;
        for (const auto& row : run.events.all<RowEvent>()) {
            for (const auto& [name, value] : row.values)
                names << QString::fromStdString(name);
        }
        QCOMPARE(names.count(QStringLiteral("a_step")), 4);
        QCOMPARE(names.count(QStringLiteral("a_epoch")), 1);
        QCOMPARE(names.count(QStringLiteral("a")), 0);
    }
    void writesRowsAtLightningsPlaces()
    {
        Run run(root());
        run.options.log_every_n_steps = 2;
        run.fit();
        QStringList rows;
        for (const auto& row : run.events.all<RowEvent>())
            rows << QStringLiteral("%1 %2").arg(row.step).arg(
                QString::fromStdString(row.values.front().first));
        QCOMPARE(rows.join(QStringLiteral(", ")),
            QStringLiteral("1 train_loss, 3 train_loss, 3 val_loss, 5 train_loss, "
                           "7 train_loss, 7 val_loss"));
    }
    void keepsTheLastValueOfAStep()
    {
        Run run(root());
        run.options.max_epochs = 1;
        run.data.train_rows = 4;
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel& m, at::Tensor loss, int64_t) {
                LogOptions both;
                both.on_step = true;
                both.on_epoch = true;
                m.log("twice", 1.0, both);
                m.log("twice", 3.0, both);
                return StepOutput(std::move(loss));
            };
        };
        run.fit();
        QCOMPARE(run.metrics.at("twice_step"), 3.0);
        QCOMPARE(run.metrics.at("twice_epoch"), 2.0);
    }

    void logsOnlyInSomeHooks_data()
    {
        QTest::addColumn<int>("hook");
        QTest::addColumn<bool>("allowed");
        QTest::addColumn<bool>("allowedOnStep");
        const auto add = [](std::initializer_list<Hook> hooks, bool allowed, bool on_step) {
            for (const auto hook : hooks)
                QTest::newRow(hook_name(hook)) << int(hook) << allowed << on_step;
        };
        add({Hook::OnTrainBatchStart, Hook::OnTrainBatchEnd, Hook::OnBeforeZeroGrad,
                Hook::OnBeforeBackward, Hook::OnAfterBackward, Hook::OnBeforeOptimizerStep,
                Hook::OnValidationBatchStart, Hook::OnValidationBatchEnd},
            true, true);
        add({Hook::OnTrainStart, Hook::OnTrainEpochStart, Hook::OnTrainEpochEnd,
                Hook::OnValidationStart, Hook::OnValidationEpochStart, Hook::OnValidationEpochEnd},
            true, false);
        add({Hook::Setup, Hook::OnFitStart, Hook::OnFitEnd, Hook::OnSanityCheckStart,
                Hook::OnSanityCheckEnd, Hook::OnTrainEnd, Hook::OnValidationEnd},
            false, false);
    }
    void logsOnlyInSomeHooks()
    {
        QFETCH(const int, hook);
        QFETCH(const bool, allowed);
        QFETCH(const bool, allowedOnStep);
        for (const bool on_step : {false, true}) {
            Run run(root());
            run.options.max_epochs = 1;
            run.options.num_sanity_val_steps = 1;
            run.callback = [&](Trainer&, LightningModule& module, Hook now, int64_t) {
                if (now != Hook(hook))
                    return;
                LogOptions options;
                if (on_step)
                    options.on_step = true;
                module.log("x", 1.0, options);
            };
            const auto text = refusal(run);
            QVERIFY2(text.isEmpty() == (on_step ? allowedOnStep : allowed), qPrintable(text));
        }
    }
    void refusesToLog_data()
    {
        QTest::addColumn<int>("what");
        QTest::newRow("neither on_step nor on_epoch") << 0;
        QTest::newRow("other arguments for a name") << 1;
        QTest::newRow("a name with /dataloader_idx_") << 2;
        QTest::newRow("a vector") << 3;
    }
    void refusesToLog()
    {
        QFETCH(const int, what);
        Run run(root());
        run.prepare = [&](BoringModel& model) {
            model.on_training_step = [what](BoringModel& m, at::Tensor loss, int64_t) {
                LogOptions options;
                if (what == 0) {
                    options.on_step = options.on_epoch = false;
                    m.log("x", 1.0, options);
                } else if (what == 1) {
                    m.log("x", 1.0);
                    options.prog_bar = true;
                    m.log("x", 1.0, options);
                } else if (what == 2) {
                    m.log("x/dataloader_idx_0", 1.0);
                } else {
                    m.log("x", at::zeros({2}));
                }
                return StepOutput(std::move(loss));
            };
        };
        QVERIFY(!refusal(run).isEmpty());
    }
};

LEYDEN_TEST(TestFitLogging)
} // namespace tst_fit_logging

#include "tst_fit_logging.moc"
