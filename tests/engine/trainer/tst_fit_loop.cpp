// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/early_stopping.h"
#include "tests/support/boring_fit.h"
#include "tests/support/test_program.h"

#include <ATen/ops/scalar_tensor.h>

#include <QTemporaryDir>
#include <QtTest>

namespace tst_fit_loop {
using namespace leyden;
using namespace leyden::test;

namespace {

QString name_of(const char* owner, Hook hook)
{
    return QLatin1String(owner) + QLatin1Char('.') + QLatin1String(hook_name(hook));
}

/// Keeps the loss of every other batch, and gives that of batch 1 a gradient.
class LossKeeper final : public Callback
{
public:
    LossKeeper(std::vector<at::Tensor>& kept, std::vector<double>& seen) : kept_(kept), seen_(seen)
    {
    }
    std::string name() const override { return "LossKeeper"; }
    void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree& outputs, const Batch&, int64_t idx) override
    {
        const auto& loss = outputs.at("loss").tensor();
        QVERIFY(!loss.requires_grad());
        seen_.push_back(loss.item<double>());
        if (idx % 2 == 0)
            kept_.push_back(loss);
        if (idx == 1)
            loss.set_requires_grad(true);
    }

private:
    std::vector<at::Tensor>& kept_;
    std::vector<double>& seen_;
};

void set_interval(Run& run, const QVariant& interval)
{
    if (interval.typeId() == QMetaType::Int)
        run.options.val_check_interval = int64_t(interval.toInt());
    else
        run.options.val_check_interval = interval.toDouble();
}

} // namespace

class TestFitLoop final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string root() const { return m_folder.path().toStdString(); }

private Q_SLOTS:
    // Spec 2.2 -------------------------------------------------------------------------------------
    void callsHooksInLightningsOrder()
    {
        QStringList calls;
        auto options = bare_options(root());
        options.max_epochs = 1;
        options.num_sanity_val_steps = 1;
        options.enable_checkpointing = true; // K stands for a ModelCheckpoint
        TrainerParts parts;
        const auto keep = [&](const char* owner) {
            return [&calls, owner](Trainer&, LightningModule&, Hook hook, int64_t) {
                if (*owner == 'C' || hook == Hook::OnTrainEpochEnd)
                    calls << name_of(owner, hook);
            };
        };
        // a monitoring callback
        parts.callbacks.push_back(std::make_unique<HookCallback>(keep("K"), true));
        parts.callbacks.push_back(std::make_unique<HookCallback>(keep("C")));
        BoringData data({.train_rows = 8, .val_rows = 4});
        data.on_hook = [&](Hook hook) { calls << name_of("D", hook); };
        BoringModel model({.step_lr = true});
        model.on_hook = [&](BoringModel&, Hook hook, int64_t) { calls << name_of("M", hook); };
        Trainer(options, std::move(parts)).fit(model, data);

        const auto words = [](const char* text) {
            return QString::fromLatin1(text).simplified().split(QLatin1Char(' '));
        };
        const auto transfer = words(
            "M.on_before_batch_transfer M.transfer_batch_to_device M.on_after_batch_transfer");
        const auto validation
            = words("M.on_validation_model_eval C.on_validation_start M.on_validation_start "
                    "C.on_validation_epoch_start M.on_validation_epoch_start")
            + transfer
            + words("C.on_validation_batch_start M.on_validation_batch_start M.validation_step "
                    "C.on_validation_batch_end "
                    "M.on_validation_batch_end C.on_validation_epoch_end M.on_validation_epoch_end "
                    "C.on_validation_end "
                    "M.on_validation_end");
        const auto batch = transfer
            + words("C.on_train_batch_start M.on_train_batch_start M.optimizer_step "
                    "M.training_step C.on_before_zero_grad "
                    "M.on_before_zero_grad M.optimizer_zero_grad C.on_before_backward "
                    "M.on_before_backward M.backward "
                    "C.on_after_backward M.on_after_backward C.on_before_optimizer_step "
                    "M.on_before_optimizer_step "
                    "M.configure_gradient_clipping M.lr_scheduler_step C.on_train_batch_end "
                    "M.on_train_batch_end");
        const auto expected
            = words("M.configure_callbacks D.prepare_data M.prepare_data D.setup C.setup M.setup "
                    "M.configure_model M.configure_optimizers C.on_fit_start M.on_fit_start "
                    "C.on_sanity_check_start D.val_dataloader")
            + validation
            + words("C.on_sanity_check_end D.train_dataloader C.on_train_start M.on_train_start "
                    "C.on_train_epoch_start "
                    "M.on_train_epoch_start")
            + batch + batch + words("M.on_validation_model_zero_grad") + validation
            + words("C.on_train_epoch_end M.on_train_epoch_end K.on_train_epoch_end C.on_train_end "
                    "M.on_train_end "
                    "C.on_fit_end M.on_fit_end D.teardown C.teardown M.teardown");
        for (qsizetype i = 0; i < std::min(calls.size(), expected.size()); ++i)
            QVERIFY2(calls[i] == expected[i],
                qPrintable(QStringLiteral("call %1 is %2, expected %3")
                        .arg(i)
                        .arg(calls[i], expected[i])));
        QCOMPARE(calls.size(), expected.size());
    }

    void givesEachBatchALossOfItsOwn()
    {
        std::vector<at::Tensor> kept;
        std::vector<double> seen, losses;
        Run run(root());
        run.options.max_epochs = 2;
        run.prepare = [&](BoringModel& model) {
            model.on_training_step = [&](BoringModel&, const at::Tensor& loss, int64_t) {
                losses.push_back(loss.item<double>());
                return StepOutput(loss);
            };
        };
        run.callbacks.push_back(std::make_unique<LossKeeper>(kept, seen));
        run.fit();
        QCOMPARE(losses.size(), size_t(8));
        QCOMPARE(seen, losses);
        QCOMPARE(kept.size(), size_t(4));
        for (size_t i = 0; i < kept.size(); ++i)
            QCOMPARE(kept[i].item<double>(), losses[2 * i]);
    }

    void callsCallbacksAsOftenAsLightning()
    {
        for (const auto& [sanity, expected] : {std::pair(0, 74), std::pair(2, 84)}) {
            Run run(root());
            run.data.val_rows = 8;
            run.options.num_sanity_val_steps = sanity;
            int count = 0;
            run.callback = [&](Trainer&, LightningModule&, Hook, int64_t) { ++count; };
            run.fit();
            QCOMPARE(count, expected);
        }
    }

    // Spec 2.3 -------------------------------------------------------------------------------------
    void accumulates_data()
    {
        QTest::addColumn<int>("k");
        QTest::addColumn<int>("batches");
        QTest::addColumn<QString>("trace");
        QTest::addColumn<int>("steps");
        QTest::newRow("k=2, 5 batches")
            << 2 << 5 << QStringLiteral("t0 z * t1 t2 z * t3 * t4 z V |") << 3;
        QTest::newRow("k=3, 4 batches") << 3 << 4 << QStringLiteral("t0 z t1 * t2 * t3 z V |") << 2;
        QTest::newRow("k=1") << 1 << 2 << QStringLiteral("* t0 z * t1 z V |") << 2;
        QTest::newRow("k above the epoch") << 9 << 3 << QStringLiteral("t0 z t1 * t2 V |") << 1;
    }
    void accumulates()
    {
        QFETCH(const int, k);
        QFETCH(const int, batches);
        QFETCH(const QString, trace);
        QFETCH(const int, steps);
        Run run(root());
        run.options.max_epochs = 1;
        run.options.accumulate_grad_batches = k;
        run.data.train_rows = batches * 4;
        run.fit();
        QCOMPARE(run.traced(), trace);
        QCOMPARE(run.global_step, steps);
        QCOMPARE(run.x, steps);
        // no row in an accumulating batch
        QCOMPARE(run.events.all<RowEvent>().size(), size_t(steps + 1));
    }
    void accumulatesByASchedule()
    {
        Run run(root());
        run.options.max_epochs = 3;
        run.callback = [](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainEpochStart)
                trainer.live().accumulate_grad_batches = int64_t(1) << trainer.current_epoch();
        };
        run.fit();
        QCOMPARE(run.traced(),
            QStringLiteral(
                "* t0 z * t1 z * t2 z * t3 z V | t0 z * t1 t2 z * t3 V | t0 z t1 t2 * t3 V |"));
        QCOMPARE(run.global_step, 7);
    }

    // Spec 2.4 -------------------------------------------------------------------------------------
    void validatesInsideAnEpoch_data()
    {
        QTest::addColumn<int>("batches");
        QTest::addColumn<QVariant>("interval");
        QTest::addColumn<int>("everyEpochs"); // 0: None
        QTest::addColumn<int>("epochs");
        QTest::addColumn<QString>("trace");
        QTest::newRow("4, 0.5") << 4 << QVariant(0.5) << 1 << 1
                                << QStringLiteral("t0 t1 V t2 t3 V |");
        QTest::newRow("5, 0.5") << 5 << QVariant(0.5) << 1 << 1
                                << QStringLiteral("t0 t1 V t2 t3 V t4 |");
        QTest::newRow("4, 0.25") << 4 << QVariant(0.25) << 1 << 1
                                 << QStringLiteral("t0 V t1 V t2 V t3 V |");
        QTest::newRow("10, 0.3") << 10 << QVariant(0.3) << 1 << 1
                                 << QStringLiteral("t0 t1 t2 V t3 t4 t5 V t6 t7 t8 V t9 |");
        QTest::newRow("4, 3") << 4 << QVariant(3) << 1 << 1 << QStringLiteral("t0 t1 t2 V t3 |");
        QTest::newRow("4, 3, across")
            << 4 << QVariant(3) << 0 << 3
            << QStringLiteral("t0 t1 t2 V t3 | t0 t1 V t2 t3 | t0 V t1 t2 t3 V |");
        QTest::newRow("4, 6, across")
            << 4 << QVariant(6) << 0 << 3
            << QStringLiteral("t0 t1 t2 t3 | t0 t1 V t2 t3 | t0 t1 t2 t3 V |");
        QTest::newRow("4, 2, every 2nd")
            << 4 << QVariant(2) << 2 << 2 << QStringLiteral("t0 t1 t2 t3 | t0 t1 V t2 t3 V |");
        QTest::newRow("0.0: after each")
            << 2 << QVariant(0.0) << 1 << 1 << QStringLiteral("t0 V t1 V |");
    }
    void validatesInsideAnEpoch()
    {
        QFETCH(const int, batches);
        QFETCH(const QVariant, interval);
        QFETCH(const int, everyEpochs);
        QFETCH(const int, epochs);
        QFETCH(const QString, trace);
        Run run(root());
        run.options.max_epochs = epochs;
        run.data.train_rows = batches * 4;
        set_interval(run, interval);
        run.options.check_val_every_n_epoch.reset();
        if (everyEpochs > 0)
            run.options.check_val_every_n_epoch = everyEpochs;
        run.fit();
        QCOMPARE(run.batches(), trace);
    }
    void refusesAnIntervalAboveTheEpoch()
    {
        Run run(root());
        run.options.val_check_interval = int64_t(5);
        QVERIFY(refusal(run).contains(QLatin1String("val_check_interval = 5")));
    }

    // Spec 2.5 -------------------------------------------------------------------------------------
    void countsAMidEpochEndAsAnEpoch()
    {
        Run run(root());
        run.options.max_epochs.reset();
        run.options.max_steps = 6;
        int64_t at_train_end = -1;
        run.callback = [&](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainEnd)
                at_train_end = trainer.current_epoch();
        };
        run.fit();
        QCOMPARE(run.batches(), QStringLiteral("t0 t1 t2 t3 V | t0 t1 |"));
        QCOMPARE(run.global_step, 6);
        QCOMPARE(run.epoch, 2);
        QCOMPARE(at_train_end, 2);
    }
    void validatesWhereMaxStepsMeetsTheInterval()
    {
        Run run(root());
        run.options.max_steps = 6;
        run.options.val_check_interval = 0.5;
        run.fit();
        QCOMPARE(run.batches(), QStringLiteral("t0 t1 V t2 t3 V | t0 t1 V |"));
    }
    void skipsTheRestOfAnEpoch()
    {
        Run run(root());
        run.data.train_rows = 32;
        run.prepare = [](BoringModel& model) {
            model.batch_start_result = [](int64_t idx) { return idx == 5 ? -1 : 0; };
        };
        int ends = 0;
        run.callback = [&](Trainer&, LightningModule&, Hook hook, int64_t) {
            ends += hook == Hook::OnTrainBatchEnd;
        };
        run.fit();
        QCOMPARE(run.global_step, 10);
        QCOMPARE(ends, 10);
        QCOMPARE(run.batches(), QStringLiteral("t0 t1 t2 t3 t4 | t0 t1 t2 t3 t4 |"));
    }
    void stepsWithoutALoss()
    {
        Run run(root());
        run.prepare = [](BoringModel& model) {
            model.on_training_step = [](BoringModel&, at::Tensor, int64_t) { return StepOutput{}; };
        };
        run.fit();
        QCOMPARE(run.global_step, 8);
        QCOMPARE(run.events.warnings("gave no loss").size(), size_t(1));
    }

    // Spec 2.7 -------------------------------------------------------------------------------------
    void honoursMinimaBeforeAStop_data()
    {
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("minEpochs");
        QTest::addColumn<int>("minSteps"); // 0: unset
        QTest::addColumn<int>("steps");
        for (const auto& [limit, epochs, min_steps, steps] :
            {std::tuple(3, 0, 10, 10), {5, 0, 10, 10}, {3, 2, 0, 6}, {5, 2, 0, 10}, {3, 1, 10, 10},
                {5, 1, 10, 10}, {3, 3, 10, 10}, {5, 3, 10, 15}})
            QTest::addRow("%d batches, min %d epochs, %d steps", limit, epochs, min_steps)
                << limit << epochs << min_steps << steps;
    }
    void honoursMinimaBeforeAStop()
    {
        QFETCH(const int, limit);
        QFETCH(const int, minEpochs);
        QFETCH(const int, minSteps);
        QFETCH(const int, steps);
        Run run(root());
        run.options.max_epochs = 50;
        run.options.limit_train_batches = int64_t(limit);
        run.data.train_rows = 40;
        run.options.min_epochs = minEpochs;
        if (minSteps > 0)
            run.options.min_steps = minSteps;
        run.callback = [](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
            if (hook == Hook::OnTrainStart)
                trainer.should_stop = true;
        };
        run.fit();
        QCOMPARE(run.global_step, steps);
        QCOMPARE(run.events.messages("fit ended:"),
            // nobody asked for it
            std::vector<std::string>{"fit ended: a callback or the module set should_stop"});
    }
    void stopsEarly_data()
    {
        QTest::addColumn<int>("minEpochs");
        QTest::addColumn<int>("minSteps");
        QTest::addColumn<QVariant>("interval");
        QTest::addColumn<int>("steps");
        QTest::addColumn<QString>("end");
        QTest::newRow("plain") << 0 << 0 << QVariant(1.0) << 8 << QStringLiteral("t0 t1 t2 t3 V |");
        QTest::newRow("min_epochs 4")
            << 4 << 0 << QVariant(1.0) << 16 << QStringLiteral("t0 t1 t2 t3 V |");
        QTest::newRow("min_steps 10")
            << 0 << 10 << QVariant(1.0) << 10 << QStringLiteral("| t0 t1 V |");
        QTest::newRow("interval 0.5")
            << 0 << 0 << QVariant(0.5) << 4 << QStringLiteral("t0 t1 V t2 t3 V |");
    }
    void stopsEarly()
    {
        QFETCH(const int, minEpochs);
        QFETCH(const int, minSteps);
        QFETCH(const QVariant, interval);
        QFETCH(const int, steps);
        QFETCH(const QString, end);
        Run run(root());
        run.options.max_epochs = 50;
        if (minEpochs > 0)
            run.options.min_epochs = minEpochs;
        if (minSteps > 0)
            run.options.min_steps = minSteps;
        set_interval(run, interval);
        EarlyStoppingOptions stopping;
        stopping.monitor = "val_loss";
        stopping.patience = 1;
        run.callbacks.push_back(std::make_unique<EarlyStopping>(stopping));
        run.prepare = [](BoringModel& model) {
            model.on_validation_step
                = [](BoringModel& m, at::Tensor, int64_t) { m.log("val_loss", 1.0); };
        };
        run.fit();
        QCOMPARE(run.global_step, steps);
        QVERIFY2(run.batches().endsWith(end), qPrintable(run.batches()));
        QCOMPARE(run.events.messages("fit ended:"),
            std::vector<std::string>{"fit ended: EarlyStopping stopped it"});
    }

    // Spec 2.9 -------------------------------------------------------------------------------------
    void trainsNothing_data()
    {
        QTest::addColumn<QString>("setting");
        for (const auto* setting : {"max_epochs", "max_steps", "limit_train_batches", "max_time"})
            QTest::newRow(setting) << QString::fromLatin1(setting);
    }
    void trainsNothing()
    {
        QFETCH(const QString, setting);
        Run run(root());
        run.options.num_sanity_val_steps = 1;
        if (setting == QLatin1String("max_epochs"))
            run.options.max_epochs = 0;
        else if (setting == QLatin1String("max_steps"))
            run.options.max_steps = 0;
        else if (setting == QLatin1String("max_time"))
            run.options.max_time = TimeText(std::string("00:00:00:00"));
        else
            run.options.limit_train_batches = int64_t(0);
        QStringList calls;
        run.callback = [&](Trainer&, LightningModule&, Hook hook, int64_t) {
            calls << QLatin1String(hook_name(hook));
        };
        run.fit();
        calls.removeIf(
            [](const QString& call) { return call.startsWith(QLatin1String("on_validation")); });
        QCOMPARE(calls.join(QLatin1Char(' ')),
            QStringLiteral("setup on_fit_start on_sanity_check_start on_sanity_check_end "
                           "on_fit_end teardown"));
        QCOMPARE(run.global_step, 0);
        QCOMPARE(run.trace.size(), 0);
    }
    void runsWithoutValidation_data()
    {
        QTest::addColumn<int>("why");
        QTest::newRow("no loader") << 0;
        QTest::newRow("no step") << 1;
        QTest::newRow("limit_val_batches 0") << 2;
    }
    void runsWithoutValidation()
    {
        QFETCH(const int, why);
        Run run(root());
        run.options.num_sanity_val_steps = 2;
        if (why == 0)
            run.data.val_rows = 0;
        else if (why == 1)
            run.model_options.has_validation = false;
        else
            run.options.limit_val_batches = int64_t(0);
        run.fit();
        QCOMPARE(run.batches(), QStringLiteral("t0 t1 t2 t3 | t0 t1 t2 t3 |"));
    }
    void sanityCheckLeavesNoTrace()
    {
        std::vector<std::pair<std::string, double>> values[2];
        for (const int sanity : {0, -1}) {
            Run run(root());
            run.options.num_sanity_val_steps = sanity;
            run.model_options.dropout = 0.5; // draws from the default generator
            at::Tensor before;
            run.callback = [&](Trainer& trainer, LightningModule&, Hook hook, int64_t) {
                if (hook == Hook::OnSanityCheckEnd)
                    QVERIFY(trainer.callback_metrics().find("val_loss"));
                if (hook == Hook::OnTrainStart)
                    QVERIFY(!trainer.callback_metrics().find("val_loss"));
            };
            run.fit();
            for (const auto& row : run.events.all<RowEvent>())
                values[sanity + 1].insert(
                    values[sanity + 1].end(), row.values.begin(), row.values.end());
        }
        QVERIFY(values[0].size() == 10);
        QVERIFY(values[0] == values[1]);
    }
};

LEYDEN_TEST(TestFitLoop)
} // namespace tst_fit_loop

#include "tst_fit_loop.moc"
