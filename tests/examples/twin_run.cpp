// SPDX-License-Identifier: GPL-3.0-or-later
// A run that a config cannot say (fits one after another, manual optimization, no validation data, a
// sampler, a stream of unknown length), told by key=value arguments, and what came of it as lines of text. Its twin in Python is
// tests/lightning/twin_run.py, which compares the two.
#include "engine/core/lightning_module.h"
#include "engine/core/number_text.h"
#include "engine/data/iterable_dataset.h"
#include "engine/data/sampler.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/trainer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdio>
#include <map>
#include <sstream>
#include <string>

using namespace leyden;

namespace {

std::map<std::string, std::string> arguments;

int64_t number(const char* key)
{
    return std::stoll(arguments.at(key));
}

class Model final : public LightningModule
{
public:
    Model() : layer(register_module("layer", torch::nn::Linear(4, 1)))
    {
        automatic_optimization = number("manual") == 0;
    }

    StepOutput training_step(const Batch& batch, int64_t idx) override
    {
        auto loss = loss_of(batch);
        if (number("stream") != 0)
            loss = loss * torch::rand(torch::IntArrayRef()); // between the draws of the stream
        log("train_loss", loss, {.on_step = true, .on_epoch = true});
        log("mean_loss", loss, {.on_step = false, .on_epoch = true});
        std::printf("loss %s\n", python_repr(loss.item<double>()).c_str());
        if (!automatic_optimization) {
            auto& optimizer = optimizers()[0];
            manual_backward(loss);
            if ((idx + 1) % number("step_every") == 0) {
                optimizer.step();
                optimizer.zero_grad();
            }
        }
        return loss;
    }
    StateTree validation_step(const Batch& batch, int64_t, int64_t) override
    {
        log("val_loss", loss_of(batch));
        return {};
    }
    OptimizerSetup configure_optimizers() override
    {
        return {{std::make_shared<SGD>(parameters(), SGDOptions{.lr = 0.05, .momentum = 0.5})}, {}};
    }

private:
    at::Tensor loss_of(const Batch& batch)
    {
        return torch::mse_loss(layer->forward(batch[0].tensor()), batch[1].tensor());
    }

    torch::nn::Linear layer;
};

/// Rows in order, noisy where it is read in the loader's thread; worker w of n gives each n-th row.
class Stream final : public IterableDataset
{
public:
    Stream(std::shared_ptr<TensorDataset> rows, bool draws) : rows_(std::move(rows)), draws_(draws)
    {
    }

    std::unique_ptr<SampleStream> iterate(const WorkerInfo& info) const override
    {
        class Rows final : public SampleStream
        {
        public:
            Rows(const Stream& all, const WorkerInfo& info)
                : all_(all), next_(info.id), step_(info.num_workers)
            {
            }
            bool next(Batch& sample) override
            {
                if (next_ >= all_.rows_->size())
                    return false;
                const auto row = all_.rows_->get_sample(next_);
                next_ += step_;
                auto x = row[0].tensor();
                if (all_.draws_)
                    x = x + torch::randn({4});
                sample = StateTree::tuple({x, row[1].tensor()});
                return true;
            }

        private:
            const Stream& all_;
            int64_t next_;
            int64_t step_;
        };
        return std::make_unique<Rows>(*this, info);
    }

private:
    std::shared_ptr<TensorDataset> rows_;
    bool draws_;
};

class Data final : public LightningDataModule
{
public:
    std::string name() const override { return "Data"; }
    DataLoaders train_dataloader() override
    {
        DataLoaderOptions options{.batch_size = number("batch_size")};
        options.drop_last = number("drop_last") != 0;
        if (number("stream") != 0) {
            options.num_workers = number("workers");
            const auto stream
                = std::make_shared<Stream>(rows(number("rows"), 7), number("workers") == 0);
            return {std::make_shared<DataLoader>(stream, options)};
        }
        if (number("weighted") != 0) {
            std::vector<double> weights;
            for (int64_t row = 0; row < number("rows"); ++row)
                weights.push_back(double(row % 3 + 1));
            options.sampler = std::make_shared<WeightedRandomSampler>(weights, number("rows"));
        } else {
            options.shuffle = true;
        }
        return {std::make_shared<DataLoader>(rows(number("rows"), 7), options)};
    }
    bool has_val_dataloader() override { return number("validated") != 0; }
    DataLoaders val_dataloader() override
    {
        if (number("validated") == 2)
            return {};
        std::shared_ptr<const Dataset> data = rows(6, 8);
        if (number("val_stream") != 0)
            data = std::make_shared<Stream>(rows(6, 8), true);
        return {std::make_shared<DataLoader>(data, DataLoaderOptions{.batch_size = 2})};
    }

private:
    static std::shared_ptr<TensorDataset> rows(int64_t count, uint64_t seed)
    {
        auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
        auto x = torch::randn({count, 4}, generator);
        auto y = torch::randn({count, 1}, generator);
        return std::make_shared<TensorDataset>(std::vector{x, y});
    }
};

} // namespace

int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        const std::string text = argv[i];
        arguments[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    torch::manual_seed(uint64_t(number("seed")));
    Model model;
    Data data;
    TrainerParts parts;
    parts.prints = false;
    TrainerOptions options;
    options.accelerator = "cpu";
    options.logger = false;
    options.enable_checkpointing = false;
    options.max_epochs = 0;
    options.accumulate_grad_batches = number("accumulate");
    options.num_sanity_val_steps = number("sanity");
    options.check_val_every_n_epoch = number("check_val");
    if (number("limit") > 0)
        options.limit_train_batches = number("limit");
    if (number("interval") > 0) {
        options.val_check_interval = number("interval");
        options.check_val_every_n_epoch = std::nullopt; // counts across epochs
    }
    Trainer trainer(options, std::move(parts));
    std::istringstream fits(arguments.at("epochs"));
    for (std::string epochs; std::getline(fits, epochs, ',');) {
        trainer.live().max_epochs = std::stoll(epochs);
        trainer.fit(model, data);
        std::printf("step %lld epoch %lld\n", static_cast<long long>(trainer.global_step()),
            static_cast<long long>(trainer.current_epoch()));
        trainer.callback_metrics().for_each([](const std::string& name, const LoggedValue& value) {
            std::printf("%s %s\n", name.c_str(), python_repr(value.read()).c_str());
        });
    }
    for (const auto& parameter : model.parameters()) {
        const auto flat = parameter.detach().reshape(-1);
        for (int64_t i = 0; i < flat.numel(); ++i)
            std::printf("weight %s\n", python_repr(flat[i].item<double>()).c_str());
    }
}
