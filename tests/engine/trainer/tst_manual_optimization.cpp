// SPDX-License-Identifier: GPL-3.0-or-later
// Manual optimization against what Lightning made of the same GAN
// (tests/lightning/record_manual.py): every hook in its order, rows, counters, rates, weights bit
// for bit, refusals; and what only we promise.
#include "engine/core/errors.h"
#include "engine/core/generators.h"
#include "engine/data/csv_data.h"
#include "engine/strategies/strategy.h"
#include "tests/engine/trainer/gan.h"
#include "tests/support/boring_model.h"
#include "tests/support/test_program.h"
#include "tests/support/torch_reference.h"
#include "tests/support/trace_text.h"

#include <QTemporaryDir>
#include <QtTest>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace tst_manual_optimization {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

CSVDataOptions digits()
{
    CSVDataOptions options;
    options.path = LEYDEN_SOURCE_DIR "/resources/datasets/digits.csv";
    options.target = "digit";
    options.batch_size = 16;
    return options;
}

Json plain_case()
{
    return Json{{"optimizer", "Adam"}, {"toggle", "calls"}, {"returns", "nothing"},
        {"closures", false}, {"accumulate", 1}, {"clip", nullptr}, {"schedulers", false},
        {"discriminator_every", 1}, {"raw", false}, {"automatic", false},
        {"manual_backward", false}, {"optimizers", 2}, {"foreign_scheduler", false},
        {"clip_by_hook", nullptr}};
}

TrainerOptions options_of(const fs::path& root, const Json& said)
{
    TrainerOptions options;
    options.accelerator = "cpu";
    options.max_epochs = 2;
    options.limit_train_batches = int64_t(4);
    options.limit_val_batches = int64_t(1);
    options.num_sanity_val_steps = 1;
    options.log_every_n_steps = 1;
    options.enable_checkpointing = false;
    options.enable_model_summary = false;
    options.enable_progress_bar = false;
    options.default_root_dir = root.string();
    for (const auto& [name, value] : said.items()) {
        if (name == "max_steps")
            options.max_steps = value.get<int64_t>();
        else if (name == "log_every_n_steps")
            options.log_every_n_steps = value.get<int64_t>();
        else if (name == "val_check_interval")
            options.val_check_interval = value.get<double>();
        else if (name == "enable_checkpointing")
            options.enable_checkpointing = value.get<bool>();
        else if (name == "num_sanity_val_steps")
            options.num_sanity_val_steps = value.get<int64_t>();
        else if (name == "accumulate_grad_batches")
            options.accumulate_grad_batches = value.get<int64_t>();
        else if (name == "gradient_clip_val")
            options.gradient_clip_val = value.get<double>();
        else if (name == "gradient_clip_algorithm")
            options.gradient_clip_algorithm = value.get<std::string>();
        else
            qFatal("%s: the test does not know this argument", name.c_str());
    }
    return options;
}

/// One fit of the GAN.
struct Fit
{
    explicit Fit(const Json& one, const fs::path& root, const fs::path& checkpoint = {},
        HookCallback::Function callback = {},
        const std::function<void(TrainerOptions&)>& change = {})
        : data(digits())
    {
        seed_everything(3);
        model = std::make_unique<GAN>(one);
        TrainerParts parts;
        parts.trace_file = root / "trace.jsonl";
        parts.observer = &events;
        auto options = options_of(root, one.value("trainer", Json::object()));
        if (change)
            change(options);
        if (callback) // one that saves comes after the module's on_train_epoch_end
            parts.callbacks.push_back(
                std::make_unique<HookCallback>(std::move(callback), *options.enable_checkpointing));
        trainer = std::make_unique<Trainer>(options, std::move(parts));
        trainer->fit(*model, data, checkpoint);
    }
    std::vector<std::string> weights() const
    {
        std::vector<std::string> bytes;
        for (const auto& item : model->named_parameters()) {
            const auto tensor = item.value().detach().contiguous();
            bytes.emplace_back(
                static_cast<const char*>(tensor.const_data_ptr()), size_t(tensor.nbytes()));
        }
        return bytes;
    }

    CSVData data;
    EventList events = {};
    std::unique_ptr<GAN> model;
    std::unique_ptr<Trainer> trainer;
};

} // namespace

class TestManualOptimization final : public QObject
{
    Q_OBJECT

private:
    std::vector<TorchReference> m_references = torch_references(
        QStringLiteral("gan"), QStringLiteral("manual"), QStringLiteral("record_manual.py"));

private Q_SLOTS:
    void agreesWithLightning_data() { add_reference_rows(m_references); }
    void agreesWithLightning()
    {
        QFETCH(const int, reference);
        QFETCH(const int, index);
        const auto& recorded = m_references[size_t(reference)];
        const auto& one = recorded.cases[size_t(index)];
        const auto tolerance = recorded.tolerance(Computed::InSteps);
        const auto amplified_from
            = one.value("amplifies_rounding", std::numeric_limits<int64_t>::max());
        const auto tolerance_at_end = one.contains("amplifies_rounding") && !tolerance.is_bitwise()
            ? any_number
            : tolerance;
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        if (one.contains("refused")) {
            QVERIFY_EXCEPTION_THROWN(Fit(one, root), MisconfigurationError);
            return;
        }
        Fit fit(one, root);
        const auto global_step = fit.trainer->global_step();
        const auto epoch = fit.trainer->current_epoch();
        auto metrics = Json::object();
        fit.trainer->callback_metrics().for_each(
            [&](const std::string& name, const LoggedValue& value) {
                metrics[name] = value.read();
            });
        auto rates = Json::array();
        for (const auto& optimizer : fit.trainer->optimizers()) {
            for (const auto& group : optimizer->param_groups())
                rates.push_back(group.lr);
        }
        fit.trainer.reset(); // then the trace is complete
        QCOMPARE(trace_difference(
                     short_trace(root / "trace.jsonl"), one.at("trace"), tolerance, amplified_from),
            QString());
        QCOMPARE(global_step, one.at("global_step").get<int64_t>());
        QCOMPARE(epoch, one.at("current_epoch").get<int64_t>());
        QVERIFY2(is_same_numbers(metrics, one.at("callback_metrics"), tolerance_at_end),
            metrics.dump().c_str());
        if (one.at("optimizers") != 0) // Lightning's stand-in has no rate that means anything
            QCOMPARE(rates.dump(), one.at("lr").dump());
        for (const auto& item : fit.model->named_parameters())
            COMPARE_RECORDED(item.value(), one.at("weights").at(item.key()), tolerance_at_end);
        QVERIFY(fit.model->is_detached);
    }

    // n + m batches through a checkpoint equal n + m without, with both optimizers and schedulers,
    // wherever it was taken.
    void resumesExactly_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("hook");
        QTest::addColumn<int>("batch");
        const std::pair<const char*, std::pair<Hook, int>> places[]{
            {"in mid-epoch", {Hook::OnTrainBatchEnd, 1}},
            {"after validation", {Hook::OnValidationEnd, -1}},
            {"at the epoch's end", {Hook::OnTrainEpochEnd, -1}},
            {"in the second epoch", {Hook::OnTrainBatchEnd, 5}}};
        for (const auto* kind : {"plain", "accumulated", "schedulers", "LBFGS"}) {
            for (const auto& [place, at] : places)
                QTest::addRow("%s, %s", kind, place)
                    << QString::fromLatin1(kind) << int(at.first) << at.second;
        }
    }
    void resumesExactly()
    {
        QFETCH(const QString, kind);
        QFETCH(const int, hook);
        QFETCH(const int, batch);
        auto one = plain_case();
        if (kind == QLatin1String("accumulated"))
            one["accumulate"] = 3; // windows lie across the places where the file is taken
        if (kind == QLatin1String("schedulers"))
            one["schedulers"] = true;
        if (kind == QLatin1String("LBFGS"))
            one["optimizer"] = "LBFGS";
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        const auto file = root / "taken.ckpt";
        int seen = 0;
        const auto take = [&](Trainer& trainer, LightningModule&, Hook where, int64_t) {
            if (trainer.sanity_checking() || int(where) != hook || fs::exists(file))
                return;
            if (batch < 0 || seen++ == batch)
                trainer.save_checkpoint(file);
        };
        const auto more_epochs = [](TrainerOptions& options) { options.max_epochs = 3; };
        const auto saving = [&](TrainerOptions& options) {
            more_epochs(options);
            options.enable_checkpointing = true;
        };
        const Fit whole(one, root / "whole", {}, take, saving);
        QVERIFY(fs::exists(file));
        const Fit resumed(one, root / "resumed", file, {}, more_epochs);
        QCOMPARE(resumed.trainer->global_step(), whole.trainer->global_step());
        QCOMPARE(resumed.trainer->batches_that_stepped(), whole.trainer->batches_that_stepped());
        QVERIFY(resumed.weights() == whole.weights());
        for (size_t i = 0; i < 2; ++i)
            QCOMPARE(resumed.trainer->optimizers()[i]->param_groups()[0].lr,
                whole.trainer->optimizers()[i]->param_groups()[0].lr);
    }

    void keepsEachOptimizersStateInTheCheckpoint()
    {
        const QTemporaryDir folder;
        const Fit fit(plain_case(), folder.path().toStdString());
        const auto file = fit.trainer->dump_checkpoint();
        QCOMPARE(file.at("optimizer_states").size(), size_t(2));
        for (const auto& state : file.at("optimizer_states").items())
            QCOMPARE(state.at("state").at(int64_t(0)).at("step").tensor().item<double>(), 8.0);
        const auto& loop = file.at("loops").at("fit_loop");
        QCOMPARE(loop.at("epoch_loop.manual_optimization.optim_step_progress")
                     .at("total")
                     .at("completed")
                     .to_int(),
            int64_t(16));
        QCOMPARE(loop.at("epoch_loop.automatic_optimization.optim_progress")
                     .at("optimizer")
                     .at("step")
                     .at("total")
                     .at("completed")
                     .to_int(),
            int64_t(0));
    }

    void leavesNoGradientInTheOtherNetwork()
    {
        const QTemporaryDir folder;
        bool had_foreign_gradient = false;
        const auto look = [&](Trainer& trainer, LightningModule& module, Hook hook, int64_t) {
            if (hook != Hook::OnAfterBackward || trainer.global_step() % 2 != 0)
                return; // after the generator's pass
            for (const auto& parameter : dynamic_cast<GAN&>(module).discriminator->parameters())
                had_foreign_gradient = had_foreign_gradient || parameter.requires_grad()
                    || parameter.grad().defined();
        };
        // Before the first pass of a batch the discriminator still has its own gradients: clear
        // them.
        const auto look_and_clear
            = [&](Trainer& trainer, LightningModule& module, Hook hook, int64_t idx) {
                  if (hook == Hook::OnTrainBatchStart)
                      module.zero_grad();
                  look(trainer, module, hook, idx);
              };
        const Fit fit(plain_case(), folder.path().toStdString(), {}, look_and_clear);
        QVERIFY(!had_foreign_gradient);
        for (const auto& parameter : fit.model->parameters())
            QVERIFY(parameter.requires_grad());
    }

    void toggledScopeGivesBackWhatEachParameterHad()
    {
        const QTemporaryDir folder;
        bool was_restored = false;
        const auto freeze = [&](Trainer& trainer, LightningModule& module, Hook hook, int64_t idx) {
            auto& gan = dynamic_cast<GAN&>(module);
            auto frozen = gan.generator->parameters().front();
            auto other = gan.discriminator->parameters().front();
            if (hook != Hook::OnTrainBatchStart || idx != 0)
                return;
            frozen.set_requires_grad(false); // a frozen layer of the toggled optimizer stays frozen
            try {
                const auto toggled = module.toggled_optimizer(*trainer.optimizers()[0]);
                QVERIFY(!frozen.requires_grad());
                QVERIFY(!other.requires_grad());
                throw DataError("in the middle");
            } catch (const DataError&) {
            }
            was_restored = !frozen.requires_grad() && other.requires_grad();
            frozen.set_requires_grad(true);
        };
        const Fit fit(plain_case(), folder.path().toStdString(), {}, freeze);
        QVERIFY(was_restored);
    }

    void servicesNeedARun()
    {
        GAN model(plain_case());
        QVERIFY_EXCEPTION_THROWN(model.optimizers(), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(model.lr_schedulers(), MisconfigurationError);
        QVERIFY_EXCEPTION_THROWN(
            model.manual_backward(at::ones_like(model.parameters().front()).sum()),
            MisconfigurationError);
    }

    void tellsOfALossThatIsNotFinite()
    {
        const QTemporaryDir folder;
        const auto spoil = [](Trainer&, LightningModule& module, Hook hook, int64_t idx) {
            if (hook == Hook::OnTrainBatchStart && idx == 2) {
                const c10::NoGradGuard no_grad;
                auto weight = module.parameters().front();
                weight.fill_(std::numeric_limits<double>::quiet_NaN());
            }
        };
        const Fit fit(plain_case(), folder.path().toStdString(), {}, spoil);
        const auto told = fit.events.all<NonFiniteEvent>();
        QCOMPARE(told.size(), size_t(1));
        QCOMPARE(told.front().batch_idx, int64_t(2));
        QCOMPARE(told.front().layer, std::string("generator.0.weight"));
    }

    void saysWhatToDoWithTwoOptimizers()
    {
        auto one = plain_case();
        one["automatic"] = true;
        const QTemporaryDir folder;
        try {
            const Fit fit(one, folder.path().toStdString());
            QFAIL("two optimizers were taken");
        } catch (const MisconfigurationError& error) {
            QVERIFY2(std::string(error.what()).find("automatic_optimization = false")
                    != std::string::npos,
                error.what());
        }
    }
};
LEYDEN_TEST(TestManualOptimization)
} // namespace tst_manual_optimization

#include "tst_manual_optimization.moc"
