// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/lightning_module.h"
#include "engine/metrics/metric.h"
#include "engine/models/mlp_options.h"

#include <functional>
#include <memory>
#include <vector>

namespace leyden {

/// Multilayer perceptron for classes or a numeric target.
///
/// Layers:  net.0, net.1, ...: for each hidden size Linear, [BatchNorm1d], activation, [Dropout if
///          above 0], then one Linear to the outputs. Parameters are drawn in that order, so that a
///          seed gives those of PyTorch's nn.Sequential.
/// Batch:   tuple (inputs [N, ...], targets): [N] of class indices, or [N, 1] floating.
/// Loss:    cross entropy, or mean squared error for regression.
/// Logs:    train_loss, val_loss, test_loss; val_acc, test_acc, or val_rmse, test_rmse in the
///          target's own unit, both over all rows of an epoch.
/// Predict: the network's output [N, outputs]: logits, or values in the data's unit.
/// hparams: the options, under their names.
/// Throws:  MisconfigurationError where the data has no features or no outputs, or options are bad.
class LEYDEN_API MLP final : public LightningModule
{
public:
    MLP(MLPOptions options, const DataSpec& spec);

    at::Tensor forward(const at::Tensor& inputs); ///< [N, ...] -> [N, outputs]

    StepOutput training_step(const Batch& batch, int64_t batch_idx) override;
    StateTree validation_step(
        const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    StateTree test_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;
    StateTree predict_step(const Batch& batch, int64_t batch_idx, int64_t dataloader_idx) override;

    std::optional<LoggedNames> logged_names() const override;

    const MLPOptions& options() const { return options_; }

private:
    template <class Layer> void add(Layer layer);
    void add_activation();
    at::Tensor as_targets(const at::Tensor& targets, const at::Tensor& outputs) const;
    at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets) const;
    StateTree evaluate(
        const Batch& batch, const char* loss_name, const char* metric_name, Metric& metric);

    MLPOptions options_;
    Task task_;
    std::shared_ptr<torch::nn::Module> net_;
    std::vector<std::function<at::Tensor(const at::Tensor&)>>
        layers_; // net_'s, without its any-type
    std::unique_ptr<Metric> val_metric_;
    std::unique_ptr<Metric> test_metric_;
};

} // namespace leyden
