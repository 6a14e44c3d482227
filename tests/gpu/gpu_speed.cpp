// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gpu/gpu_speed.h"

#include "engine/callbacks/callback.h"
#include "engine/core/generators.h"
#include "engine/models/mlp.h"
#include "engine/optim/adam.h"
#include "engine/trainer/trainer.h"
#include "tests/gpu/gpu_fit.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <chrono>
#include <cstdio>
#include <memory>

namespace leyden::gpu {
namespace {

struct SpeedCase
{
    int64_t features = 0, hidden = 0, batch_size = 0, warm_up = 0, steps = 0;
    bool operator==(const SpeedCase&) const = default;
};

/// Notes the time after the warm-up and after the last step, once the device has done its work.
class StopWatch final : public Callback
{
public:
    StopWatch(const SpeedCase& one, c10::DeviceType device) : case_(one), device_(device) { }
    std::string name() const override { return "StopWatch"; }
    void on_train_batch_end(
        Trainer& trainer, LightningModule&, const StateTree&, const Batch&, int64_t) override
    {
        const auto step = trainer.global_step();
        if (step != case_.warm_up && step != case_.warm_up + case_.steps)
            return;
        if (device_ != c10::kCPU)
            at::accelerator::synchronizeDevice(0);
        const auto now = std::chrono::steady_clock::now();
        seconds = std::chrono::duration<double>(now - begin_).count();
        begin_ = now;
    }
    double seconds = 0.0; ///< of the steps after the warm-up, in the end

private:
    SpeedCase case_;
    c10::DeviceType device_;
    std::chrono::steady_clock::time_point begin_;
};

std::shared_ptr<const Dataset> random_rows(const SpeedCase& one)
{
    const auto rows = 16 * one.batch_size;
    return std::make_shared<TensorDataset>(
        std::vector{at::randn({rows, one.features}), at::randint(10, {rows}, at::kLong)});
}

double seconds_of(
    const SpeedCase& one, c10::DeviceType device, const std::shared_ptr<const Dataset>& rows)
{
    seed_everything(1);
    DataSpec spec;
    spec.feature_shape = {one.features};
    spec.outputs = 10;
    MLPOptions layers;
    layers.hidden_sizes = {one.hidden, one.hidden};
    MLP model(layers, spec);
    model.configured_optimizers = [](LightningModule& module) {
        AdamWOptions options; // foreach is what PyTorch takes by itself on a GPU
        options.foreach = true;
        return OptimizerSetup{{std::make_shared<AdamW>(module.parameters(), options)}, {}};
    };
    const auto data = LightningDataModule::from_datasets(rows, {}, {}, {}, one.batch_size);
    auto watch = std::make_unique<StopWatch>(one, device);
    const auto& seconds = watch->seconds;
    TrainerParts parts;
    parts.callbacks.push_back(std::move(watch));
    TrainerOptions options;
    options.accelerator = device == c10::kCPU ? "cpu" : "cuda";
    options.max_epochs = -1;
    options.max_steps = one.warm_up + one.steps;
    options.logger = false;
    options.enable_checkpointing = false;
    options.enable_model_summary = false;
    Trainer trainer(options, std::move(parts));
    trainer.fit(model, *data);
    return seconds;
}

} // namespace

int answer_speed(c10::DeviceType device)
{
    SpeedCase one, before;
    std::shared_ptr<const Dataset> rows;
    long long features, hidden, batch_size, warm_up, steps;
    while (std::scanf("%lld %lld %lld %lld %lld", &features, &hidden, &batch_size, &warm_up, &steps)
        == 5) {
        one = {features, hidden, batch_size, warm_up, steps};
        if (one != before)
            rows = random_rows(one);
        before = one;
        reset_peak(device);
        const auto held = allocated_bytes(device);
        const auto seconds = seconds_of(one, device, rows);
        std::printf("{\"steps_per_second\": %.3f, \"peak_mib\": %.1f}\n",
            double(one.steps) / seconds, double(peak_bytes(device) - held) / 1048576);
        std::fflush(stdout);
    }
    return 0;
}

} // namespace leyden::gpu
