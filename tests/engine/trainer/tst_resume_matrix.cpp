// SPDX-License-Identifier: GPL-3.0-or-later
// What a run is made of, one thing alone and two at a time: stopped after each batch of two short
// epochs with a checkpoint, and resumed from it, it ends as the run that never stopped, byte for
// byte.
#include "engine/callbacks/lambda_callback.h"
#include "engine/callbacks/stochastic_weight_averaging.h"
#include "engine/callbacks/weight_averaging.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/file_system.h"
#include "engine/core/generators.h"
#include "engine/loggers/csv_logger.h"
#include "engine/optim/lbfgs.h"
#include "engine/optim/reduce_lr_on_plateau.h"
#include "engine/precision/mixed_precision.h"
#include "engine/trainer/run_control.h"
#include "tests/support/scripted_run.h"
#include "tests/support/state_text.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <cmath>
#include <fstream>
#include <set>

namespace tst_resume_matrix {
using namespace leyden;
using namespace leyden::test;
namespace fs = std::filesystem;

namespace {

constexpr int64_t epochs = 2;
constexpr int64_t batches = 3; // an epoch

enum Feature {
    Accumulation,
    Workers,
    MidValidation,
    Ema,
    Swa,
    Bf16,
    Scaler,
    Plateau,
    Lbfgs,
    SeveralOptimizers,
    Dropout,
    Count
};

constexpr std::array<const char*, Count> featureNames{"accumulation", "workers",
    "validation inside the epoch", "EMA", "SWA", "bf16-mixed", "loss scaler", "plateau", "LBFGS",
    "several optimizers", "dropout"};

using Features = std::set<int>;

/// Why two cannot go together; empty: they can.
std::string refusal(const Features& chosen)
{
    const auto has = [&](Feature one, Feature other) {
        return chosen.contains(one) && chosen.contains(other);
    };
    if (has(Bf16, Scaler))
        return "one precision a run";
    if (has(Scaler, Lbfgs))
        return "a closure that is called again has no scaled gradients, here and in Lightning";
    if (has(Swa, SeveralOptimizers))
        return "Lightning averages with one optimizer only";
    if (has(Ema, Swa))
        return "each swaps the model's weights";
    if (has(Accumulation, SeveralOptimizers))
        return "manual optimization accumulates by itself";
    return {};
}

/// Two layers, with one optimizer or, by hand, one for each of them.
class Model final : public LightningModule
{
public:
    explicit Model(Features features)
        : LightningModule("Model")
        , features_(std::move(features))
        , first_(register_module("first", torch::nn::Linear(4, 3)))
        , second_(register_module("second", torch::nn::Linear(3, 1)))
        , dropout_(register_module("dropout", torch::nn::Dropout(has(Dropout) ? 0.5 : 0.0)))
    {
        automatic_optimization = !has(SeveralOptimizers);
    }

    StepOutput training_step(const Batch& batch, int64_t) override
    {
        if (automatic_optimization) {
            auto loss = loss_of(batch, true);
            log("train_loss", loss, {.on_step = true, .on_epoch = true});
            return loss;
        }
        for (size_t i = 0; i < 2; ++i) {
            auto& optimizer = optimizers()[i];
            const auto toggled = toggled_optimizer(optimizer);
            at::Tensor loss;
            const Closure backward = [&] {
                loss = loss_of(batch, true);
                optimizer.zero_grad();
                manual_backward(loss);
                return loss;
            };
            if (optimizer.name() == "LBFGS") {
                optimizer.step(backward);
            } else {
                backward();
                optimizer.step();
            }
            log("loss_" + std::to_string(i), loss, {.on_step = true, .on_epoch = true});
        }
        return {};
    }
    void on_train_epoch_end() override
    {
        if (!automatic_optimization && has(Plateau))
            lr_schedulers()[0]->step(double(current_epoch()));
    }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        log("val_loss", loss_of(batch, false));
        return {};
    }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        if (has(SeveralOptimizers)) {
            setup.optimizers = {sgd(first_->parameters()),
                has(Lbfgs) ? lbfgs(second_->parameters()) : sgd(second_->parameters())};
        } else {
            setup.optimizers = {has(Lbfgs) ? lbfgs(parameters()) : sgd(parameters())};
        }
        if (has(Plateau)) {
            LRSchedulerConfig config;
            config.scheduler = std::make_shared<ReduceLROnPlateau>(*setup.optimizers[0],
                ReduceLROnPlateauOptions{
                    .factor = 0.5, .patience = 0, .threshold = 10.0, .min_lr = 0.0});
            config.monitor = "val_loss";
            setup.lr_schedulers.push_back(std::move(config));
        }
        return setup;
    }

private:
    bool has(Feature feature) const { return features_.contains(feature); }

    at::Tensor loss_of(const Batch& batch, bool drops)
    {
        auto hidden = first_->forward(batch[0].tensor()).tanh();
        if (drops)
            hidden = dropout_->forward(hidden);
        return at::mse_loss(second_->forward(hidden), batch[1].tensor());
    }
    static std::shared_ptr<Optimizer> sgd(const std::vector<at::Tensor>& parameters)
    {
        return std::make_shared<SGD>(parameters, SGDOptions{.lr = 0.05, .momentum = 0.9});
    }
    static std::shared_ptr<Optimizer> lbfgs(const std::vector<at::Tensor>& parameters)
    {
        return std::make_shared<LBFGS>(
            parameters, LBFGSOptions{.lr = 0.1, .max_iter = 3, .history_size = 4});
    }

    Features features_;
    torch::nn::Linear first_;
    torch::nn::Linear second_;
    torch::nn::Dropout dropout_;
};

std::string bytes_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// What is left of a run: its rows, and all that a checkpoint at its end holds of weights,
/// optimizers, schedulers, scaler and callbacks.
struct End
{
    std::string rows;
    QByteArray state;
};

/// A run in `folder`, from `checkpoint` if it is not empty; with stop_after >= 0 it saves and stops
/// after so many batches.
End run(const Features& features, const fs::path& folder, const fs::path& checkpoint = {},
    int64_t stop_after = -1)
{
    const auto has = [&](Feature feature) { return features.contains(feature); };
    seed_everything(3);
    Model model(features);
    MemoryData data(batches, 2, 2, /*shuffle=*/true, has(Workers) ? 2 : 0);
    RunControl control;
    TrainerParts parts;
    parts.run_dir = folder;
    parts.resume_in_place = !checkpoint.empty();
    parts.control = &control;
    parts.loggers.push_back(std::make_unique<CSVLogger>(CSVLoggerOptions{}));
    if (has(Ema)) {
        EMAWeightAveragingOptions ema;
        ema.decay = 0.8;
        parts.callbacks.push_back(std::make_unique<EMAWeightAveraging>(ema));
    }
    if (has(Swa))
        parts.callbacks.push_back(
            std::make_unique<StochasticWeightAveraging>(StochasticWeightAveragingOptions{
                .swa_lrs = 0.02, .swa_epoch_start = int64_t(1), .annealing_epochs = 2}));
    LambdaHooks hooks;
    int64_t done = 0;
    hooks.on_train_batch_end
        = [&](Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t) {
              if (++done == stop_after)
                  control.send(StopCommand{StopVerb::SaveAndStop});
          };
    hooks.on_fit_end
        = [&](Trainer& of, LightningModule&) { of.save_checkpoint(folder / "end.ckpt"); };
    parts.callbacks.push_back(std::make_unique<LambdaCallback>(hooks));
    TrainerOptions options;
    options.max_epochs = epochs;
    options.log_every_n_steps = 1;
    options.enable_model_summary = false;
    options.enable_checkpointing = false;
    options.num_sanity_val_steps = 0;
    if (has(Accumulation))
        options.accumulate_grad_batches = 2;
    if (has(MidValidation))
        options.val_check_interval = int64_t(2);
    if (has(Bf16))
        options.precision = "bf16-mixed";
    if (has(Scaler)) // falls back in the first step, and grows again
        parts.precision = std::make_unique<MixedPrecision>(
            c10::kCPU, GradScalerOptions{.init_scale = std::exp2(127), .growth_interval = 2});
    Trainer trainer(options, std::move(parts));
    trainer.fit(model, data, checkpoint);
    const auto state = load_checkpoint_file(FileSystem::local(), folder / "end.ckpt");
    End end;
    for (const auto* key : {"epoch", "global_step", "state_dict", "optimizer_states",
             "lr_schedulers", "MixedPrecision", "callbacks"}) {
        if (const auto* part = state.find(key))
            end.state += QByteArray(key) + ": " + stateText(*part) + "\n";
    }
    end.rows = bytes_of(folder / "metrics.csv");
    return end;
}

} // namespace

class TestResumeMatrix final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void endsAsTheUninterruptedRun_data()
    {
        QTest::addColumn<int>("one");
        QTest::addColumn<int>("other");
        for (int one = 0; one < Count; ++one)
            for (int other = one; other < Count; ++other) {
                const auto name = one == other
                    ? QByteArray(featureNames[size_t(one)])
                    : QByteArray(featureNames[size_t(one)]) + ", " + featureNames[size_t(other)];
                if (const auto why = refusal({one, other}); !why.empty())
                    qInfo("not together: %s: %s", name.constData(), why.c_str());
                else
                    QTest::newRow(name.constData()) << one << other;
            }
    }

    void endsAsTheUninterruptedRun()
    {
        QFETCH(const int, one);
        QFETCH(const int, other);
        const Features features{one, other};
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        const auto whole = run(features, root / "whole");
        QVERIFY(std::count(whole.rows.begin(), whole.rows.end(), '\n') > batches);
        for (int64_t stop_after = 1; stop_after <= epochs * batches; ++stop_after) {
            const auto cut = root / ("cut-" + std::to_string(stop_after));
            const auto stopped = run(features, cut, {}, stop_after);
            QVERIFY(stop_after == epochs * batches
                || (stopped.rows.size() < whole.rows.size() && stopped.state != whole.state));
            const auto checkpoint = cut / "checkpoints" / "stopped.ckpt";
            QVERIFY2(fs::exists(checkpoint), checkpoint.c_str());
            ++m_runs;
            const auto resumed = run(features, cut, checkpoint);
            const auto at = "stopped after batch " + QByteArray::number(stop_after) + ": ";
            QCOMPARE(at + QByteArray::fromStdString(resumed.rows),
                at + QByteArray::fromStdString(whole.rows));
            QCOMPARE(at + resumed.state, at + whole.state);
            ++m_agreed;
        }
    }

    void cleanupTestCase()
    {
        qInfo("%d of %d resumed runs end as the one that never stopped", m_agreed, m_runs);
    }

private:
    int m_runs = 0;
    int m_agreed = 0;
};
LEYDEN_TEST(TestResumeMatrix)
} // namespace tst_resume_matrix

#include "tst_resume_matrix.moc"
