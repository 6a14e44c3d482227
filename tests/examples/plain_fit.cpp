// SPDX-License-Identifier: GPL-3.0-or-later
// A program with the Trainer's defaults: it shows the run on the terminal, and a signal ends it
// gracefully. Arguments: the working folder; then "quiet" (nothing is printed), "signal N" (a signal
// to itself in the second batch), "own" (signals are the program's), "broken" (a logger that throws
// and a checkpoint folder that is lost when training begins).
#include "engine/callbacks/callback.h"
#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/lightning_module.h"
#include "engine/loggers/logger.h"
#include "engine/optim/lambda_lr.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/trainer.h"

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <csignal>

using namespace leyden;

namespace {

class Line final : public LightningModule
{
public:
    Line() : layer(register_module("layer", torch::nn::Linear(1, 1))) { }
    StepOutput training_step(const Batch& batch, int64_t) override { return loss_of(batch); }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        log("val_loss", loss_of(batch));
        return {};
    }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup{
            .optimizers = {std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.5})}};
        setup.lr_schedulers.push_back(
            {.scheduler = std::make_shared<LambdaLR>(*setup.optimizers.front(),
                 [](int64_t epoch) { return 1.0 / double(epoch + 1); })});
        return setup;
    }

    torch::nn::Linear layer;

private:
    at::Tensor loss_of(const Batch& batch)
    {
        return torch::mse_loss(layer->forward(batch[0].tensor()), batch[1].tensor());
    }
};

class RaiseSignal final : public Callback
{
public:
    explicit RaiseSignal(int signal) : signal_(signal) { }
    std::string name() const override { return "RaiseSignal"; }
    void on_train_batch_start(Trainer&, LightningModule&, const Batch&, int64_t idx) override
    {
        if (idx == 1)
            std::raise(signal_);
    }
    void on_exception(Trainer&, LightningModule&, const std::exception& error) override
    {
        std::printf("on_exception: %s\n", error.what());
    }

private:
    int signal_;
};

/// Puts a file in the place of a folder.
class LoseFolder final : public Callback
{
public:
    explicit LoseFolder(std::filesystem::path folder) : folder_(std::move(folder)) { }
    std::string name() const override { return "LoseFolder"; }
    void on_train_start(Trainer&, LightningModule&) override
    {
        std::filesystem::remove_all(folder_);
        std::ofstream(folder_) << "in the way";
    }

private:
    std::filesystem::path folder_;
};

/// All that a logger has to have.
class BrokenLogger final : public Logger
{
public:
    std::string name() const override { return "broken"; }
    void log_metrics(const MetricRow&) override { throw std::runtime_error("the line is dead"); }
};

} // namespace

int main(int argc, char** argv)
{
    TrainerParts parts;
    parts.root = argv[1];
    std::string checkpoints = "checkpoints";
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "quiet")
            parts.prints = false;
        else if (word == "own")
            parts.handles_signals = false;
        else if (word == "signal")
            parts.callbacks.push_back(std::make_unique<RaiseSignal>(std::stoi(argv[++i])));
        else if (word == "broken") {
            parts.loggers.push_back(std::make_unique<BrokenLogger>());
            checkpoints = (parts.root / "lost").string();
            parts.callbacks.push_back(std::make_unique<LoseFolder>(checkpoints));
        }
    }
    parts.callbacks.push_back(std::make_unique<EarlyStopping>(
        EarlyStoppingOptions{.monitor = "val_loss", .patience = 2}));
    parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(
        ModelCheckpointOptions{.dirpath = checkpoints, .monitor = "val_loss"}));
    torch::manual_seed(1);
    const auto x = torch::rand({32, 1});
    const auto rows = std::make_shared<TensorDataset>(std::vector{x, 3.0 * x + 1.5});
    const auto data = LightningDataModule::from_datasets(rows, rows, {}, {}, 8);
    Line model;
    Trainer trainer(
        {.accelerator = "cpu", .max_epochs = 2, .log_every_n_steps = 1}, std::move(parts));
    trainer.fit(model, *data);
    trainer.validate(model, *data);
    std::puts("the end");
}
