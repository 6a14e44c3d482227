// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/parts_model.h"

#include "engine/core/factories.h"
#include "engine/trainer/builtin_registry.h"
#include "engine/trainer/trainer.h"

#include <ATen/ops/mse_loss.h>
#include <ATen/ops/tensor.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>

#include <algorithm>

namespace leyden::test {

const Registry& registry()
{
    static const auto made = builtin_registry();
    return made;
}

namespace {

double number(const Json& value)
{
    return Codec<double>::read(value, {});
}

/// The recorder's pattern().
at::Tensor pattern(int64_t rows, int64_t columns, int64_t a, int64_t b)
{
    std::vector<double> values;
    for (int64_t i = 0; i < rows * columns; ++i)
        values.push_back(double((i * a + b) % 2001 - 1000) / 1000.0);
    return at::tensor(values, at::kDouble).to(at::kFloat).reshape({rows, columns});
}

torch::nn::Sequential make_backbone(const Json& options)
{
    torch::nn::Sequential layers;
    layers->push_back(torch::nn::Linear(4, 6));
    if (options.value("batch_norm", false))
        layers->push_back(torch::nn::BatchNorm1d(6));
    layers->push_back(torch::nn::Tanh());
    if (const auto dropout = options.value("dropout", 0.0); dropout > 0)
        layers->push_back(torch::nn::Dropout(dropout));
    return layers;
}

} // namespace

PartsModel::PartsModel(const Json& recorded)
    : LightningModule("PartsModel")
    , backbone(register_module("backbone", make_backbone(recorded.value("model", Json::object()))))
    , head(register_module("head", torch::nn::Linear(6, 1)))
    , case_(recorded)
{
}

at::Tensor PartsModel::loss_of(const Batch& batch)
{
    return at::mse_loss(head->forward(backbone->forward(batch[0].tensor())), batch[1].tensor());
}

StepOutput PartsModel::training_step(const Batch& batch, int64_t)
{
    auto loss = loss_of(batch);
    if (const auto losses = case_.find("train_losses"); losses != case_.end()) {
        const auto idx = std::min(size_t(trainer()->global_step()), losses->size() - 1);
        loss = loss - loss.detach() + number(losses->at(idx));
    }
    log("train_loss", loss);
    return loss;
}

StateTree PartsModel::validation_step(const Batch& batch, int64_t, int64_t)
{
    const auto name = case_.value("val_name", std::string("val_loss"));
    if (const auto losses = case_.find("val_losses"); losses != case_.end())
        log(name,
            number(losses->at(std::min(size_t(trainer()->current_epoch()), losses->size() - 1))));
    else
        log(name, loss_of(batch));
    return {};
}

StateTree PartsModel::predict_step(const Batch& batch, int64_t, int64_t)
{
    const auto& inputs = batch.is_tensor() ? batch.tensor() : batch[0].tensor();
    return head->forward(backbone->forward(inputs));
}

std::optional<int64_t> PartsModel::flops_per_batch() const
{
    const auto options = case_.value("model", Json::object());
    const auto flops = options.find("flops_per_batch");
    return flops == options.end() ? std::nullopt : std::optional(flops->get<int64_t>());
}

OptimizerSetup PartsModel::configure_optimizers()
{
    NamedParameters parameters;
    for (const auto& parameter : named_parameters())
        if (parameter.value().requires_grad())
            parameters.emplace_back(parameter.key(), parameter.value());
    const auto& config = case_.at("optimizer");
    OptimizerSetup setup;
    setup.optimizers.push_back(factory_of<OptimizerFactory>(registry(), ComponentKind::Optimizer,
        config.at("class_path"))(config.at("init_args"), parameters));
    for (const auto& scheduler : case_.value("schedulers", Json::array())) {
        LRSchedulerConfig made;
        made.scheduler = factory_of<LRSchedulerFactory>(registry(), ComponentKind::LRScheduler,
            scheduler.at("class_path"))(scheduler.at("init_args"), *setup.optimizers.front());
        made.interval = scheduler.value("interval", std::string("epoch"));
        made.name = scheduler.value("name", std::string());
        setup.lr_schedulers.push_back(std::move(made));
    }
    return setup;
}

PartsData::PartsData(const Json& recorded)
{
    const auto options = recorded.value("data", Json::object());
    rows_ = options.value("rows", int64_t(20));
    val_rows_ = options.value("val_rows", int64_t(8));
    batch_size_ = options.value("batch_size", int64_t(4));
    shuffle_ = options.value("shuffle", true);
}

std::shared_ptr<DataLoader> PartsData::loader(int64_t rows, bool shuffle) const
{
    auto dataset = std::make_shared<TensorDataset>(
        std::vector{pattern(rows, 4, 37, 11), pattern(rows, 1, 53, 29)});
    return std::make_shared<DataLoader>(
        std::move(dataset), DataLoaderOptions{.batch_size = batch_size_, .shuffle = shuffle});
}

DataLoaders PartsData::train_dataloader()
{
    return {loader(rows_, shuffle_)};
}

DataLoaders PartsData::val_dataloader()
{
    return val_rows_ > 0 ? DataLoaders{loader(val_rows_, false)} : DataLoaders{};
}

DataLoaders PartsData::predict_dataloader()
{
    return {loader(val_rows_, false)};
}

} // namespace leyden::test
