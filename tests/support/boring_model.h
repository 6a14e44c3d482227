// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"
#include "engine/core/lightning_module.h"
#include "engine/trainer/hook.h"
#include "engine/trainer/trainer.h"
#include "tests/support/event_list.h"

#include <torch/nn/modules/linear.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace leyden::test {

/// One linear layer, and what a test may want of it. Every hook and step first calls `on_hook`.
class BoringModel final : public LightningModule
{
public:
    struct Options
    {
        double dropout = 0.0;
        bool adamw = false;
        bool step_lr = false;           ///< StepLR by optimizer step
        bool logs_val_steps = false;    ///< val_loss on_step too
        bool logs_train_epochs = false; ///< train_loss on_epoch too
        bool has_validation = true;
        double lr = 0.05;
    };
    BoringModel(); ///< a default argument cannot be a nested aggregate
    explicit BoringModel(Options options);

    std::function<void(BoringModel&, Hook, int64_t batch_idx)> on_hook = {};
    std::function<StepOutput(BoringModel&, at::Tensor loss, int64_t batch_idx)> on_training_step
        = {};
    std::function<void(BoringModel&, at::Tensor loss, int64_t batch_idx)> on_validation_step = {};
    std::function<int(int64_t batch_idx)> batch_start_result = {};
    std::function<OptimizerSetup(BoringModel&)> make_optimizers = {};

    bool has_validation_step() const override { return options.has_validation; }
    StepOutput training_step(const Batch& batch, int64_t batch_idx) override;
    StateTree validation_step(
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    StateTree test_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    OptimizerSetup configure_optimizers() override;

    std::vector<std::unique_ptr<Callback>> configure_callbacks() override;
    void prepare_data() override;
    void setup(TrainerFn fn) override;
    void configure_model() override;
    void teardown(TrainerFn fn) override;
    void on_fit_start() override;
    void on_fit_end() override;
    void on_train_start() override;
    void on_train_end() override;
    void on_train_epoch_start() override;
    void on_train_epoch_end() override;
    int on_train_batch_start(const Batch& batch, int64_t batch_idx) override;
    void on_train_batch_end(
        const StateTree& outputs, const Batch& batch, int64_t batch_idx) override;
    void on_before_zero_grad(Optimizer& optimizer) override;
    void on_before_backward(const at::Tensor& loss) override;
    void on_after_backward() override;
    void on_before_optimizer_step(Optimizer& optimizer) override;
    void on_validation_start() override;
    void on_validation_end() override;
    void on_validation_epoch_start() override;
    void on_validation_epoch_end() override;
    void on_validation_batch_start(
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    void on_validation_batch_end(const StateTree& outputs, const Batch& batch, int64_t batch_idx,
        int64_t dataloader_idx) override;
    void on_validation_model_zero_grad() override;
    void on_validation_model_eval() override;
    Batch on_before_batch_transfer(Batch batch, int64_t dataloader_idx) override;
    Batch transfer_batch_to_device(
        Batch batch, const c10::Device& target, int64_t dataloader_idx) override;
    Batch on_after_batch_transfer(Batch batch, int64_t dataloader_idx) override;
    void backward(const at::Tensor& loss, const BackwardOptions& backward_options) override;
    void optimizer_step(
        int64_t epoch, int64_t batch_idx, Optimizer& optimizer, const Closure& closure) override;
    void optimizer_zero_grad(int64_t epoch, int64_t batch_idx, Optimizer& optimizer) override;
    void configure_gradient_clipping(
        Optimizer& optimizer, std::optional<double> clip_val, ClipAlgorithm algorithm) override;
    void lr_scheduler_step(LRScheduler& scheduler, std::optional<double> metric) override;

    /// Every parameter's bytes, one after the other.
    std::string weight_bytes() const;

    Options options;
    torch::nn::Linear layer;

private:
    at::Tensor loss_of(const Batch& batch) const;
    void tell(Hook hook, int64_t batch_idx = -1);
};

/// Sines in memory: `train_rows` and `val_rows` rows of 4 float32 features and one target.
class BoringData final : public LightningDataModule
{
public:
    struct Options
    {
        int64_t train_rows = 20;
        int64_t val_rows = 8;
        int64_t batch_size = 4;
        bool shuffle = true;
        int64_t num_workers = 0;
        int64_t val_loaders = 1;
    };
    BoringData();
    explicit BoringData(Options options_);

    std::function<void(Hook)> on_hook = {};

    std::string name() const override { return "BoringData"; }
    const DataSpec& spec() override { return spec_; }
    void prepare_data() override;
    void setup(TrainerFn fn) override;
    void teardown(TrainerFn fn) override;
    DataLoaders train_dataloader() override;
    DataLoaders val_dataloader() override;
    DataLoaders test_dataloader() override;

private:
    void tell(Hook hook);
    Options options_;
    DataSpec spec_;
};

/// Calls a function in each of its hooks.
class HookCallback : public Callback
{
public:
    using Function = std::function<void(Trainer&, LightningModule&, Hook, int64_t batch_idx)>;
    explicit HookCallback(Function function, bool is_monitoring_ = false);

    std::string name() const override { return "HookCallback"; }
    bool is_monitoring() const override { return is_monitoring_; }
    bool is_checkpoint() const override { return is_monitoring_; }
    void setup(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void teardown(Trainer& trainer, LightningModule& module, TrainerFn fn) override;
    void on_exception(
        Trainer& trainer, LightningModule& module, const std::exception& error) override;
    void on_fit_start(Trainer& trainer, LightningModule& module) override;
    void on_fit_end(Trainer& trainer, LightningModule& module) override;
    void on_sanity_check_start(Trainer& trainer, LightningModule& module) override;
    void on_sanity_check_end(Trainer& trainer, LightningModule& module) override;
    void on_train_start(Trainer& trainer, LightningModule& module) override;
    void on_train_end(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_train_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_train_batch_start(
        Trainer& trainer, LightningModule& module, const Batch& batch, int64_t idx) override;
    void on_train_batch_end(Trainer& trainer, LightningModule& module, const StateTree& outputs,
        const Batch& batch, int64_t idx) override;
    void on_before_zero_grad(
        Trainer& trainer, LightningModule& module, Optimizer& optimizer) override;
    void on_before_backward(
        Trainer& trainer, LightningModule& module, const at::Tensor& loss) override;
    void on_after_backward(Trainer& trainer, LightningModule& module) override;
    void on_before_optimizer_step(
        Trainer& trainer, LightningModule& module, Optimizer& optimizer) override;
    void on_validation_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_start(Trainer& trainer, LightningModule& module) override;
    void on_validation_epoch_end(Trainer& trainer, LightningModule& module) override;
    void on_validation_batch_start(Trainer& trainer, LightningModule& module, const Batch& batch,
        int64_t idx, int64_t loader) override;
    void on_validation_batch_end(Trainer& trainer, LightningModule& module,
        const StateTree& outputs, const Batch& batch, int64_t idx, int64_t loader) override;

private:
    Function function_;
    bool is_monitoring_;
};

/// No logger, no checkpoint, no summary, no sanity check: what is left is the loop. Relative
/// outputs go to `root`.
TrainerOptions bare_options(const std::filesystem::path& root);

/// The whole file; empty where it is absent.
std::string file_text(const std::filesystem::path& file);

} // namespace leyden::test
