// SPDX-License-Identifier: GPL-3.0-or-later
// Microseconds a step of a raw LibTorch loop and of the Trainer on the same model, batches and
// optimizer, one thread, in interleaved rounds: bare, with five empty callbacks, and with 1, 5 and
// 10 logged values and a CSVLogger. Prints one JSON line a round: {"raw": us, "raw_again": us,
// "bare": us, "callbacks5": us, "csv1": us, "csv5": us, "csv10": us}. bench_trainer linear|mlp
// STEPS ROUNDS FOLDER
#include "engine/callbacks/callback.h"
#include "engine/core/generators.h"
#include "engine/core/lightning_module.h"
#include "engine/data/data_loader.h"
#include "engine/loggers/csv_logger.h"
#include "engine/optim/sgd.h"
#include "engine/trainer/trainer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <torch/nn/modules/linear.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <malloc.h>

namespace {
using namespace leyden;
using Seconds = std::chrono::duration<double>;
constexpr int64_t warm_up = 200;

struct Job
{
    bool is_mlp = false;
    int64_t steps = 0;
    int64_t batch_size() const { return is_mlp ? 64 : 4; }
};

/// Linear(4, 1) or 784-128-10; logs `logged` values a step.
class Model final : public LightningModule
{
public:
    Model(const Job& job, int logged)
        : LightningModule("Model")
        , is_mlp_(job.is_mlp)
        , first_(register_module(
              "first", torch::nn::Linear(job.is_mlp ? 784 : 4, job.is_mlp ? 128 : 1)))
    {
        if (is_mlp_)
            second_ = register_module("second", torch::nn::Linear(128, 10));
        for (int i = 0; i < logged; ++i)
            names_.push_back("value_" + std::to_string(i));
    }

    at::Tensor loss(const Batch& batch)
    {
        auto x = first_->forward(batch[0].tensor());
        if (!is_mlp_)
            return at::mse_loss(x, batch[1].tensor());
        return at::cross_entropy_loss(second_->forward(at::relu(x)), batch[1].tensor());
    }

    StepOutput training_step(const Batch& batch, int64_t) override
    {
        auto value = loss(batch);
        for (const auto& name : names_)
            log(name, value);
        return value;
    }

    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        setup.optimizers.push_back(std::make_shared<SGD>(parameters(), SGDOptions{.lr = 1e-3}));
        return setup;
    }

private:
    bool is_mlp_;
    torch::nn::Linear first_;
    torch::nn::Linear second_{nullptr};
    std::vector<std::string> names_;
};

class Data final : public LightningDataModule
{
public:
    explicit Data(const Job& job)
    {
        // As many rows as a step cycle needs; every batch is fetched by the loader, in the raw loop
        // too.
        const auto rows = job.batch_size() * job.steps;
        const auto kept = std::min<int64_t>(rows, 64 * 1000);
        auto x = at::randn({kept, job.is_mlp ? 784 : 4});
        auto y = job.is_mlp ? at::randint(10, {kept}, at::kLong) : at::randn({kept, 1});
        loader_ = std::make_shared<DataLoader>(std::make_shared<TensorDataset>(std::vector{x, y}),
            DataLoaderOptions{.batch_size = job.batch_size(), .shuffle = true});
    }
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return {loader_}; }
    DataLoader& loader() { return *loader_; }

private:
    DataSpec spec_;
    std::shared_ptr<DataLoader> loader_;
};

/// Notes the time after the warm-up and after the last step.
class StopWatch final : public Callback
{
public:
    explicit StopWatch(int64_t steps) : last_(steps) { }
    std::string name() const override { return "StopWatch"; }
    void on_train_batch_end(
        Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t) override
    {
        const auto step = trainer.global_step();
        if (step == warm_up)
            begin_ = std::chrono::steady_clock::now();
        if (step == last_)
            microseconds = 1e6 * Seconds(std::chrono::steady_clock::now() - begin_).count()
                / double(last_ - warm_up);
    }
    double microseconds = 0.0;

private:
    int64_t last_;
    std::chrono::steady_clock::time_point begin_;
};

double time_raw(const Job& job)
{
    seed_everything(1);
    Data data(job);
    const auto model = std::make_shared<Model>(job, 0);
    SGD optimizer(model->parameters(), SGDOptions{.lr = 1e-3});
    std::chrono::steady_clock::time_point begin;
    int64_t step = 0;
    while (step < job.steps) {
        const auto iterator = data.loader().iterate();
        Batch batch;
        while (step < job.steps && iterator->next(batch)) {
            if (step == warm_up)
                begin = std::chrono::steady_clock::now();
            optimizer.zero_grad();
            model->loss(batch).backward();
            optimizer.step();
            ++step;
        }
    }
    return 1e6 * Seconds(std::chrono::steady_clock::now() - begin).count()
        / double(job.steps - warm_up);
}

/// Has every hook and does nothing in it.
class EmptyCallback final : public Callback
{
public:
    std::string name() const override { return "EmptyCallback"; }
};

double time_trainer(
    const Job& job, int logged, const std::filesystem::path& folder, int empty_callbacks = 0)
{
    seed_everything(1);
    Data data(job);
    const auto model = std::make_shared<Model>(job, logged);
    auto watch = std::make_unique<StopWatch>(job.steps);
    const auto& microseconds = watch->microseconds;
    TrainerParts parts;
    parts.prints = false;
    parts.callbacks.push_back(std::move(watch));
    for (int i = 0; i < empty_callbacks; ++i)
        parts.callbacks.push_back(std::make_unique<EmptyCallback>());
    if (logged > 0)
        parts.loggers.push_back(std::make_unique<CSVLogger>(CSVLoggerOptions{
            .save_dir = folder.string(), .name = "bench", .version = {}, .prefix = {}}));
    TrainerOptions options;
    options.max_epochs = -1;
    options.max_steps = job.steps;
    options.enable_checkpointing = false;
    options.enable_model_summary = false;
    if (logged == 0)
        options.logger = false;
    Trainer trainer(options, std::move(parts));
    trainer.fit(*model, data);
    return microseconds;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 5) {
        std::fputs("bench_trainer linear|mlp STEPS ROUNDS FOLDER\n", stderr);
        return 2;
    }
    mallopt(M_MMAP_THRESHOLD, 1 << 30); // as the program leyden does
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    at::set_num_threads(1);
    const Job job{std::string(argv[1]) == "mlp", std::atoll(argv[2])};
    const int rounds = std::atoi(argv[3]);
    for (int round = 0; round < rounds; ++round) {
        const auto raw = time_raw(job);
        const auto bare = time_trainer(job, 0, argv[4]);
        const auto callbacks5 = time_trainer(job, 0, argv[4], 5);
        const auto csv1 = time_trainer(job, 1, argv[4]);
        const auto raw_again = time_raw(job);
        const auto csv5 = time_trainer(job, 5, argv[4]);
        const auto csv10 = time_trainer(job, 10, argv[4]);
        std::printf("{\"raw\": %.4f, \"raw_again\": %.4f, \"bare\": %.4f, \"callbacks5\": %.4f, "
                    "\"csv1\": %.4f, "
                    "\"csv5\": %.4f, \"csv10\": %.4f}\n",
            raw, raw_again, bare, callbacks5, csv1, csv5, csv10);
        std::fflush(stdout);
    }
    return 0;
}
