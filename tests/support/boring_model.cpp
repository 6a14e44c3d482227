// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/boring_model.h"

#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mse_loss.h>

#include <fstream>
#include <iterator>

namespace leyden::test {

BoringModel::BoringModel() : BoringModel(Options{}) { }

BoringModel::BoringModel(Options options_)
    : options(options_), layer(register_module("layer", torch::nn::Linear(4, 1)))
{
}

void BoringModel::tell(Hook hook, int64_t batch_idx)
{
    if (on_hook)
        on_hook(*this, hook, batch_idx);
}

at::Tensor BoringModel::loss_of(const Batch& batch) const
{
    auto inputs = batch[0].tensor();
    if (options.dropout > 0.0)
        inputs = at::dropout(inputs, options.dropout, is_training());
    return at::mse_loss(at::linear(inputs, layer->weight, layer->bias), batch[1].tensor());
}

StepOutput BoringModel::training_step(const Batch& batch, int64_t batch_idx)
{
    tell(Hook::TrainingStep, batch_idx);
    auto loss = loss_of(batch);
    if (on_training_step)
        return on_training_step(*this, std::move(loss), batch_idx);
    LogOptions log_options;
    if (options.logs_train_epochs)
        log_options.on_epoch = true;
    log("train_loss", loss, log_options);
    return loss;
}

StateTree BoringModel::validation_step(const Batch& batch, int64_t batch_idx, int64_t)
{
    tell(Hook::ValidationStep, batch_idx);
    const auto loss = loss_of(batch);
    if (on_validation_step) {
        on_validation_step(*this, loss, batch_idx);
        return {};
    }
    LogOptions log_options;
    if (options.logs_val_steps) {
        log_options.on_step = true;
        log_options.on_epoch = true;
    }
    log("val_loss", loss, log_options);
    return {};
}

StateTree BoringModel::test_step(const Batch& batch, int64_t batch_idx, int64_t)
{
    tell(Hook::TestStep, batch_idx);
    log("test_loss", loss_of(batch));
    return {};
}

OptimizerSetup BoringModel::configure_optimizers()
{
    tell(Hook::ConfigureOptimizers);
    if (make_optimizers)
        return make_optimizers(*this);
    OptimizerSetup result;
    if (options.adamw) {
        AdamWOptions adamw;
        adamw.lr = options.lr;
        result.optimizers.push_back(std::make_shared<AdamW>(parameters(), adamw));
    } else {
        SGDOptions sgd;
        sgd.lr = options.lr;
        sgd.momentum = 0.9;
        result.optimizers.push_back(std::make_shared<SGD>(parameters(), sgd));
    }
    if (options.step_lr) {
        LRSchedulerConfig config;
        StepLROptions step;
        step.step_size = 2;
        step.gamma = 0.7;
        config.scheduler = std::make_shared<StepLR>(*result.optimizers.front(), step);
        config.interval = "step";
        result.lr_schedulers.push_back(std::move(config));
    }
    return result;
}

std::string BoringModel::weight_bytes() const
{
    std::string bytes;
    for (const auto& parameter : parameters()) {
        const auto tensor = parameter.detach().contiguous();
        bytes.append(static_cast<const char*>(tensor.const_data_ptr()), size_t(tensor.nbytes()));
    }
    return bytes;
}

std::vector<std::unique_ptr<Callback>> BoringModel::configure_callbacks()
{
    tell(Hook::ConfigureCallbacks);
    return {};
}

void BoringModel::prepare_data()
{
    tell(Hook::PrepareData);
}
void BoringModel::setup(TrainerFn)
{
    tell(Hook::Setup);
}
void BoringModel::configure_model()
{
    tell(Hook::ConfigureModel);
}
void BoringModel::teardown(TrainerFn)
{
    tell(Hook::Teardown);
}
void BoringModel::on_fit_start()
{
    tell(Hook::OnFitStart);
}
void BoringModel::on_fit_end()
{
    tell(Hook::OnFitEnd);
}
void BoringModel::on_train_start()
{
    tell(Hook::OnTrainStart);
}
void BoringModel::on_train_end()
{
    tell(Hook::OnTrainEnd);
}
void BoringModel::on_train_epoch_start()
{
    tell(Hook::OnTrainEpochStart);
}
void BoringModel::on_train_epoch_end()
{
    tell(Hook::OnTrainEpochEnd);
}

int BoringModel::on_train_batch_start(const Batch&, int64_t batch_idx)
{
    tell(Hook::OnTrainBatchStart, batch_idx);
    return batch_start_result ? batch_start_result(batch_idx) : 0;
}

void BoringModel::on_train_batch_end(const StateTree&, const Batch&, int64_t batch_idx)
{
    tell(Hook::OnTrainBatchEnd, batch_idx);
}

void BoringModel::on_before_zero_grad(Optimizer&)
{
    tell(Hook::OnBeforeZeroGrad);
}
void BoringModel::on_before_backward(const at::Tensor&)
{
    tell(Hook::OnBeforeBackward);
}
void BoringModel::on_after_backward()
{
    tell(Hook::OnAfterBackward);
}
void BoringModel::on_before_optimizer_step(Optimizer&)
{
    tell(Hook::OnBeforeOptimizerStep);
}
void BoringModel::on_validation_start()
{
    tell(Hook::OnValidationStart);
}
void BoringModel::on_validation_end()
{
    tell(Hook::OnValidationEnd);
}
void BoringModel::on_validation_epoch_start()
{
    tell(Hook::OnValidationEpochStart);
}
void BoringModel::on_validation_epoch_end()
{
    tell(Hook::OnValidationEpochEnd);
}

void BoringModel::on_validation_batch_start(const Batch&, int64_t batch_idx, int64_t)
{
    tell(Hook::OnValidationBatchStart, batch_idx);
}

void BoringModel::on_validation_batch_end(
    const StateTree&, const Batch&, int64_t batch_idx, int64_t)
{
    tell(Hook::OnValidationBatchEnd, batch_idx);
}

void BoringModel::on_validation_model_zero_grad()
{
    tell(Hook::OnValidationModelZeroGrad);
    LightningModule::on_validation_model_zero_grad();
}

void BoringModel::on_validation_model_eval()
{
    tell(Hook::OnValidationModelEval);
    LightningModule::on_validation_model_eval();
}

Batch BoringModel::on_before_batch_transfer(Batch batch, int64_t)
{
    tell(Hook::OnBeforeBatchTransfer);
    return batch;
}

Batch BoringModel::transfer_batch_to_device(
    Batch batch, const c10::Device& target, int64_t dataloader_idx)
{
    tell(Hook::TransferBatchToDevice);
    return LightningModule::transfer_batch_to_device(std::move(batch), target, dataloader_idx);
}

Batch BoringModel::on_after_batch_transfer(Batch batch, int64_t)
{
    tell(Hook::OnAfterBatchTransfer);
    return batch;
}

void BoringModel::backward(const at::Tensor& loss, const BackwardOptions& backward_options)
{
    tell(Hook::Backward);
    LightningModule::backward(loss, backward_options);
}

void BoringModel::optimizer_step(
    int64_t epoch, int64_t batch_idx, Optimizer& optimizer, const Closure& closure)
{
    tell(Hook::OptimizerStep, batch_idx);
    LightningModule::optimizer_step(epoch, batch_idx, optimizer, closure);
}

void BoringModel::optimizer_zero_grad(int64_t epoch, int64_t batch_idx, Optimizer& optimizer)
{
    tell(Hook::OptimizerZeroGrad, batch_idx);
    LightningModule::optimizer_zero_grad(epoch, batch_idx, optimizer);
}

void BoringModel::configure_gradient_clipping(
    Optimizer& optimizer, std::optional<double> clip_val, ClipAlgorithm algorithm)
{
    tell(Hook::ConfigureGradientClipping);
    LightningModule::configure_gradient_clipping(optimizer, clip_val, algorithm);
}

void BoringModel::lr_scheduler_step(LRScheduler& scheduler, std::optional<double> metric)
{
    tell(Hook::LRSchedulerStep);
    LightningModule::lr_scheduler_step(scheduler, metric);
}

namespace {
std::shared_ptr<DataLoader> sines(int64_t rows, double phase, DataLoaderOptions options)
{
    const auto inputs = (at::arange(rows * 4, at::kFloat).reshape({rows, 4}) * 0.7 + phase).sin();
    const auto targets = inputs.sum(1, true).cos();
    return std::make_shared<DataLoader>(
        std::make_shared<TensorDataset>(std::vector<at::Tensor>{inputs, targets}), options);
}
} // namespace

BoringData::BoringData() : BoringData(Options{}) { }

BoringData::BoringData(Options options) : options_(options) { }

void BoringData::tell(Hook hook)
{
    if (on_hook)
        on_hook(hook);
}

void BoringData::prepare_data()
{
    tell(Hook::PrepareData);
}
void BoringData::setup(TrainerFn)
{
    tell(Hook::Setup);
}
void BoringData::teardown(TrainerFn)
{
    tell(Hook::Teardown);
}

DataLoaders BoringData::train_dataloader()
{
    tell(Hook::TrainDataloader);
    DataLoaderOptions loader;
    loader.batch_size = options_.batch_size;
    loader.shuffle = options_.shuffle;
    loader.num_workers = options_.num_workers;
    return {sines(options_.train_rows, 0.0, loader)};
}

DataLoaders BoringData::val_dataloader()
{
    tell(Hook::ValDataloader);
    DataLoaders loaders;
    DataLoaderOptions loader;
    loader.batch_size = options_.batch_size;
    loader.num_workers = options_.num_workers;
    for (int64_t i = 0; i < options_.val_loaders && options_.val_rows > 0; ++i)
        loaders.push_back(sines(options_.val_rows, 1.0 + double(i), loader));
    return loaders;
}

DataLoaders BoringData::test_dataloader()
{
    tell(Hook::TestDataloader);
    DataLoaderOptions loader;
    loader.batch_size = options_.batch_size;
    return {sines(options_.val_rows, 5.0, loader)};
}

HookCallback::HookCallback(Function function, bool is_monitoring)
    : function_(std::move(function)), is_monitoring_(is_monitoring)
{
}

// clang-format off
void HookCallback::setup(Trainer& t, LightningModule& m, TrainerFn) { function_(t, m, Hook::Setup, -1); }
void HookCallback::teardown(Trainer& t, LightningModule& m, TrainerFn) { function_(t, m, Hook::Teardown, -1); }
void HookCallback::on_exception(Trainer& t, LightningModule& m, const std::exception&) { function_(t, m, Hook::OnException, -1); }
void HookCallback::on_fit_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnFitStart, -1); }
void HookCallback::on_fit_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnFitEnd, -1); }
void HookCallback::on_sanity_check_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnSanityCheckStart, -1); }
void HookCallback::on_sanity_check_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnSanityCheckEnd, -1); }
void HookCallback::on_train_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnTrainStart, -1); }
void HookCallback::on_train_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnTrainEnd, -1); }
void HookCallback::on_train_epoch_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnTrainEpochStart, -1); }
void HookCallback::on_train_epoch_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnTrainEpochEnd, -1); }
void HookCallback::on_train_batch_start(Trainer& t, LightningModule& m, const Batch&, int64_t i) { function_(t, m, Hook::OnTrainBatchStart, i); }
void HookCallback::on_train_batch_end(Trainer& t, LightningModule& m, const StateTree&, const Batch&, int64_t i) { function_(t, m, Hook::OnTrainBatchEnd, i); }
void HookCallback::on_before_zero_grad(Trainer& t, LightningModule& m, Optimizer&) { function_(t, m, Hook::OnBeforeZeroGrad, -1); }
void HookCallback::on_before_backward(Trainer& t, LightningModule& m, const at::Tensor&) { function_(t, m, Hook::OnBeforeBackward, -1); }
void HookCallback::on_after_backward(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnAfterBackward, -1); }
void HookCallback::on_before_optimizer_step(Trainer& t, LightningModule& m, Optimizer&) { function_(t, m, Hook::OnBeforeOptimizerStep, -1); }
void HookCallback::on_validation_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnValidationStart, -1); }
void HookCallback::on_validation_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnValidationEnd, -1); }
void HookCallback::on_validation_epoch_start(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnValidationEpochStart, -1); }
void HookCallback::on_validation_epoch_end(Trainer& t, LightningModule& m) { function_(t, m, Hook::OnValidationEpochEnd, -1); }
void HookCallback::on_validation_batch_start(Trainer& t, LightningModule& m, const Batch&, int64_t i, int64_t) { function_(t, m, Hook::OnValidationBatchStart, i); }
void HookCallback::on_validation_batch_end(Trainer& t, LightningModule& m, const StateTree&, const Batch&, int64_t i, int64_t) { function_(t, m, Hook::OnValidationBatchEnd, i); }
// clang-format on

TrainerOptions bare_options(const std::filesystem::path& root)
{
    TrainerOptions options;
    options.accelerator = "cpu";
    options.logger = false;
    options.enable_checkpointing = false;
    options.enable_model_summary = false;
    options.enable_progress_bar = false;
    options.num_sanity_val_steps = 0;
    options.log_every_n_steps = 1;
    options.max_epochs = 2;
    options.default_root_dir = root.string();
    return options;
}

std::string file_text(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace leyden::test
