// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/data_module.h"
#include "engine/core/lightning_module.h"
#include "engine/data/data_loader.h"
#include "engine/metrics/metric.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/trainer.h"
#include "tests/support/event_list.h"

#include <ATen/ops/mse_loss.h>
#include <ATen/ops/randn.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace leyden::test {

/// Rows in memory: `train` and `val` batches of `batch_size`, always the same numbers.
class MemoryData final : public LightningDataModule
{
public:
    MemoryData(int64_t train, int64_t val, int64_t batch_size = 2, bool shuffle = true,
        int64_t workers = 0)
    {
        const auto loader = [&](int64_t batches, bool shuffled) {
            auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t(7));
            auto x = at::randn({batches * batch_size, 4}, generator);
            auto y = at::randn({batches * batch_size, 1}, generator);
            return std::make_shared<DataLoader>(std::make_shared<TensorDataset>(std::vector{x, y}),
                DataLoaderOptions{
                    .batch_size = batch_size, .shuffle = shuffled, .num_workers = workers});
        };
        train_ = loader(train, shuffle);
        val_ = loader(val, false);
    }
    std::string name() const override { return "MemoryData"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return {train_}; }
    DataLoaders val_dataloader() override { return {val_}; }

private:
    DataSpec spec_;
    std::shared_ptr<DataLoader> train_;
    std::shared_ptr<DataLoader> val_;
};

/// A linear model with dropout whose hooks a test fills in.
class ScriptedModel final : public LightningModule
{
public:
    explicit ScriptedModel(double dropout = 0.0)
        : LightningModule("ScriptedModel")
        , linear_(register_module("linear", torch::nn::Linear(4, 1)))
        , dropout_(register_module("dropout", torch::nn::Dropout(dropout)))
    {
    }

    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        auto loss = at::mse_loss(
            linear_->forward(dropout_->forward(batch[0].tensor())), batch[1].tensor());
        log("train_loss", loss, {.on_step = true, .on_epoch = true, .batch_size = {}});
        if (on_training_step)
            on_training_step(*this, idx);
        return loss;
    }
    StateTree validation_step(const Batch& batch, int64_t idx, int64_t) override
    {
        auto loss = at::mse_loss(linear_->forward(batch[0].tensor()), batch[1].tensor());
        if (on_validation_step)
            on_validation_step(*this, idx);
        else
            log("val_loss", loss);
        return loss;
    }
    OptimizerSetup configure_optimizers() override { return make_optimizers(*this); }

    std::function<void(ScriptedModel&, int64_t)> on_training_step;
    std::function<void(ScriptedModel&, int64_t)> on_validation_step;
    std::function<OptimizerSetup(ScriptedModel&)> make_optimizers = [](ScriptedModel& model) {
        OptimizerSetup setup;
        setup.optimizers.push_back(
            std::make_shared<SGD>(model.parameters(), SGDOptions{.lr = 0.05, .momentum = 0.9}));
        return setup;
    };

private:
    torch::nn::Linear linear_;
    torch::nn::Dropout dropout_;
};

} // namespace leyden::test
