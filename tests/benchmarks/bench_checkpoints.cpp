// SPDX-License-Identifier: GPL-3.0-or-later
// What a checkpoint costs: a model of MEGABYTES float32 parameters with AdamW (three times as much
// in the file). Prints one JSON line: {"pause_ms": [how long the training thread is held up by each
// save of a fit, the first left out], "memcpy_ms": [a plain copy of the same bytes into a buffer
// that is used again], "save_s": writing the file, "load_s": reading it, "bytes": of the file,
// "file": its path in FOLDER} bench_checkpoints MEGABYTES SAVES FOLDER
#include "engine/callbacks/callback.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/checkpoint/checkpoint_file.h"
#include "engine/core/lightning_module.h"
#include "engine/data/data_loader.h"
#include "engine/optim/adam.h"
#include "engine/trainer/trainer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <nlohmann/json.hpp>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <malloc.h>

namespace {
using namespace leyden;
using Ticks = std::chrono::steady_clock;
constexpr int64_t width = 2048; // 16 MiB a layer

double ms_since(Ticks::time_point begin)
{
    return 1e3 * std::chrono::duration<double>(Ticks::now() - begin).count();
}

class Model final : public LightningModule
{
public:
    explicit Model(int64_t layers) : LightningModule("Model")
    {
        for (int64_t i = 0; i < layers; ++i)
            layers_.push_back(
                register_module("layer" + std::to_string(i), torch::nn::Linear(width, width)));
    }
    StepOutput training_step(const Batch& batch, int64_t) override
    {
        auto x = batch[0].tensor();
        for (auto& layer : layers_)
            x = layer->forward(x);
        return x.mean();
    }
    OptimizerSetup configure_optimizers() override
    {
        OptimizerSetup setup;
        setup.optimizers.push_back(std::make_shared<AdamW>(parameters(), AdamWOptions{}));
        return setup;
    }

private:
    std::vector<torch::nn::Linear> layers_;
};

class Data final : public LightningDataModule
{
public:
    explicit Data(int64_t batches)
        : loader_(std::make_shared<DataLoader>(
              std::make_shared<TensorDataset>(std::vector{at::randn({batches, width})}),
              DataLoaderOptions{}))
    {
    }
    std::string name() const override { return "Data"; }
    const DataSpec& spec() override { return spec_; }
    DataLoaders train_dataloader() override { return {loader_}; }

private:
    DataSpec spec_;
    std::shared_ptr<DataLoader> loader_;
};

/// From its end of a batch, after which ModelCheckpoint comes, to the start of the next.
class StopWatch final : public Callback
{
public:
    std::string name() const override { return "StopWatch"; }
    void on_train_batch_end(
        Trainer&, LightningModule&, const StateTree&, const Batch&, int64_t) override
    {
        begin_ = Ticks::now();
    }
    void on_train_batch_start(
        Trainer& trainer, LightningModule&, const Batch&, int64_t batch_idx) override
    {
        if (batch_idx > 1) // the first save makes the buffers
            pauses.push_back(ms_since(begin_));
        trainer.wait_for_checkpoints(); // each is measured with an idle disk
    }
    std::vector<double> pauses;

private:
    Ticks::time_point begin_;
};

std::vector<at::Tensor> tensors_of(const StateTree& state)
{
    std::vector<at::Tensor> found;
    state.with_tensors([&](const at::Tensor& tensor) {
        found.push_back(tensor);
        return tensor;
    });
    return found;
}

std::vector<double> time_memcpy(const StateTree& state, int64_t times)
{
    const auto tensors = tensors_of(state);
    std::vector<at::Tensor> buffers;
    for (const auto& tensor : tensors)
        buffers.push_back(at::empty_like(tensor));
    std::vector<double> taken;
    for (int64_t i = 0; i <= times; ++i) {
        const auto begin = Ticks::now();
        for (size_t t = 0; t < tensors.size(); ++t)
            std::memcpy(
                buffers[t].mutable_data_ptr(), tensors[t].const_data_ptr(), tensors[t].nbytes());
        if (i > 0) // the first warms the buffers
            taken.push_back(ms_since(begin));
    }
    return taken;
}
} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::fputs("bench_checkpoints MEGABYTES SAVES FOLDER\n", stderr);
        return 2;
    }
    mallopt(M_MMAP_THRESHOLD, 1 << 30); // as the program leyden does
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    at::set_num_threads(1);
    const auto layers
        = std::max<int64_t>(1, std::atoll(argv[1]) * 1024 * 1024 / (width * (width + 1) * 4));
    const auto saves = std::atoll(argv[2]);
    const std::filesystem::path folder(argv[3]);

    Model model(layers);
    Data data(saves + 2);
    auto watch = std::make_unique<StopWatch>();
    const auto& pauses = watch->pauses;
    TrainerParts parts;
    parts.prints = false;
    parts.callbacks.push_back(std::move(watch));
    ModelCheckpointOptions saving;
    saving.dirpath = (folder / "checkpoints").string();
    saving.every_n_train_steps = 1;
    parts.callbacks.push_back(std::make_unique<ModelCheckpoint>(saving));
    TrainerOptions options;
    options.max_epochs = 1;
    options.logger = false;
    options.enable_model_summary = false;
    Trainer trainer(options, std::move(parts));
    trainer.fit(model, data);

    nlohmann::json result{{"pause_ms", pauses}};
    const auto state = trainer.dump_checkpoint();
    result["memcpy_ms"] = time_memcpy(state, saves);
    const auto file = folder / "state.ckpt";
    auto begin = Ticks::now();
    save_checkpoint_file(FileSystem::local(), file, state);
    result["save_s"] = ms_since(begin) / 1e3;
    std::vector<double> loads;
    for (int i = 0; i < 3; ++i) {
        begin = Ticks::now();
        const auto loaded = load_checkpoint_file(FileSystem::local(), file);
        loads.push_back(ms_since(begin) / 1e3);
    }
    std::sort(loads.begin(), loads.end());
    result["load_s"] = loads[1];
    result["bytes"] = std::filesystem::file_size(file);
    result["file"] = file.string();
    std::puts(result.dump().c_str());
    return 0;
}
