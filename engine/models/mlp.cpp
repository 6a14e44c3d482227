// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/mlp.h"

#include "engine/config/check_options.h"
#include "engine/metrics/accuracy.h"
#include "engine/metrics/rmse.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/zeros.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <numeric>
#include <string>

namespace leyden {

namespace {

const std::vector<std::pair<std::string, Activation>> activations
    = {{"relu", Activation::ReLU}, {"tanh", Activation::Tanh}, {"gelu", Activation::GELU},
        {"sigmoid", Activation::Sigmoid}, {"silu", Activation::SiLU}};

StateTree hparams_of(const MLPOptions& options)
{
    std::string activation;
    for (const auto& [name, value] : activations)
        if (value == options.activation)
            activation = name;
    return StateTree::dict({
        {"hidden_sizes",
            StateTree::list({options.hidden_sizes.begin(), options.hidden_sizes.end()})},
        {"activation", activation},
        {"dropout", options.dropout},
        {"batch_norm", options.batch_norm},
    });
}

std::unique_ptr<Metric> metric_for(const DataSpec& spec)
{
    if (spec.task == Task::Classification)
        return std::make_unique<Accuracy>();
    return std::make_unique<RMSE>(spec.target_deviation);
}

const at::Tensor& inputs_of(const Batch& batch)
{
    return batch.is_tensor() ? batch.tensor() : batch[0].tensor();
}

const at::Tensor& targets_of(const Batch& batch)
{
    return batch[1].tensor();
}

} // namespace

void describe(OptionTable<MLPOptions>& table)
{
    using T = MLPOptions;
    table.add("hidden_sizes", &T::hidden_sizes, "Width of each hidden layer")
        .each_at_least(1)
        .each_at_most(1'000'000'000) // the weights between two such layers can still be counted
        .details("An empty list makes a linear model.");
    table.add("activation", &T::activation, "Function after each hidden layer")
        .choices(activations);
    table.add("dropout", &T::dropout, "Share of activations that training drops")
        .at_least(0)
        .below(1);
    table.add("batch_norm", &T::batch_norm, "Normalize each hidden layer over the batch");
}

MLP::MLP(MLPOptions options, const DataSpec& spec)
    : LightningModule("MLP")
    , options_(std::move(options))
    , task_(spec.task)
    , net_(register_module("net", std::make_shared<torch::nn::Module>("Sequential")))
    , val_metric_(metric_for(spec))
    , test_metric_(metric_for(spec))
{
    check_options(options_);
    register_metric("val_metric", *val_metric_);
    register_metric("test_metric", *test_metric_);
    auto width = std::accumulate(
        spec.feature_shape.begin(), spec.feature_shape.end(), int64_t(1), std::multiplies<>());
    if (width < 1 || spec.outputs < 1)
        throw MisconfigurationError("MLP: the data has " + std::to_string(width) + " features and "
            + std::to_string(spec.outputs) + " outputs; it needs at least one of each");
    hparams = hparams_of(options_);
    auto example_shape = spec.feature_shape;
    example_shape.insert(example_shape.begin(), 1);
    example_input_array = at::zeros(example_shape);
    for (const auto hidden : options_.hidden_sizes) {
        add(torch::nn::Linear(width, hidden));
        if (options_.batch_norm)
            add(torch::nn::BatchNorm1d(hidden));
        add_activation();
        if (options_.dropout > 0)
            add(torch::nn::Dropout(options_.dropout));
        width = hidden;
    }
    add(torch::nn::Linear(width, spec.outputs));
}

template <class Layer> void MLP::add(Layer layer)
{
    net_->register_module(std::to_string(layers_.size()), layer.ptr());
    layers_.push_back([module = layer.get()](const at::Tensor& x) { return module->forward(x); });
}

void MLP::add_activation()
{
    switch (options_.activation) {
    case Activation::ReLU:
        return add(torch::nn::ReLU());
    case Activation::Tanh:
        return add(torch::nn::Tanh());
    case Activation::GELU:
        return add(torch::nn::GELU());
    case Activation::Sigmoid:
        return add(torch::nn::Sigmoid());
    case Activation::SiLU:
        return add(torch::nn::SiLU());
    }
}

at::Tensor MLP::forward(const at::Tensor& inputs)
{
    auto x = inputs.dim() > 2 ? inputs.flatten(1) : inputs;
    if (!x.is_floating_point())
        x = x.to(at::kFloat);
    for (const auto& layer : layers_)
        x = layer(x);
    return x;
}

at::Tensor MLP::as_targets(const at::Tensor& targets, const at::Tensor& outputs) const
{
    // Numeric targets [N] against outputs [N, 1] would broadcast to [N, N].
    return task_ == Task::Regression ? targets.reshape(outputs.sizes()) : targets;
}

at::Tensor MLP::loss(const at::Tensor& outputs, const at::Tensor& targets) const
{
    return task_ == Task::Classification ? at::cross_entropy_loss(outputs, targets)
                                         : at::mse_loss(outputs, as_targets(targets, outputs));
}

StepOutput MLP::training_step(const Batch& batch, int64_t)
{
    auto value = loss(forward(inputs_of(batch)), targets_of(batch));
    log("train_loss", value);
    return value;
}

StateTree MLP::evaluate(
    const Batch& batch, const char* loss_name, const char* metric_name, Metric& metric)
{
    const auto outputs = forward(inputs_of(batch));
    auto value = loss(outputs, targets_of(batch));
    log(loss_name, value);
    metric.update(outputs, as_targets(targets_of(batch), outputs));
    log(metric_name, metric);
    return value;
}

StateTree MLP::validation_step(const Batch& batch, int64_t, int64_t)
{
    const auto* metric_name = task_ == Task::Classification ? "val_acc" : "val_rmse";
    return evaluate(batch, "val_loss", metric_name, *val_metric_);
}

StateTree MLP::test_step(const Batch& batch, int64_t, int64_t)
{
    const auto* metric_name = task_ == Task::Classification ? "test_acc" : "test_rmse";
    return evaluate(batch, "test_loss", metric_name, *test_metric_);
}

std::optional<LoggedNames> MLP::logged_names() const
{
    return LoggedNames{.training = {"train_loss"},
        .validation = {"val_loss", task_ == Task::Classification ? "val_acc" : "val_rmse"}};
}

StateTree MLP::predict_step(const Batch& batch, int64_t, int64_t)
{
    return forward(inputs_of(batch));
}

} // namespace leyden
