// SPDX-License-Identifier: GPL-3.0-or-later
// A model and a callback of one's own: fits y = 3 x + 1.5 and tells how it goes.
#include "engine/callbacks/callback.h"
#include "engine/core/lightning_module.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/trainer.h"

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdio>

using namespace leyden;

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
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.5})}, {}};
    }

    torch::nn::Linear layer;

private:
    at::Tensor loss_of(const Batch& batch)
    {
        return torch::mse_loss(layer->forward(batch[0].tensor()), batch[1].tensor());
    }
};

class TellLoss final : public Callback
{
public:
    std::string name() const override { return "TellLoss"; }
    void on_validation_end(Trainer& trainer, LightningModule&) override
    {
        if (!trainer.sanity_checking())
            std::printf("epoch %d: val_loss %.5f\n", int(trainer.current_epoch()),
                trainer.callback_metrics().find("val_loss").value_or(0.0));
    }
};

int main()
{
    torch::manual_seed(1);
    const auto rows = [](int64_t count) {
        const auto x = torch::rand({count, 1});
        return std::make_shared<TensorDataset>(std::vector{x, 3.0 * x + 1.5});
    };
    const auto train = rows(256), val = rows(64);
    const auto data = LightningDataModule::from_datasets(train, val, {}, {}, /*batch_size=*/16);

    TrainerParts parts;
    parts.callbacks.push_back(std::make_unique<TellLoss>());
    TrainerOptions options;
    options.max_epochs = 10;
    options.accelerator = "cpu";
    options.logger = false;
    options.enable_checkpointing = false;
    Line model;
    Trainer(options, std::move(parts)).fit(model, *data);
    std::printf(
        "%.1f x + %.1f\n", model.layer->weight.item<double>(), model.layer->bias.item<double>());
}
