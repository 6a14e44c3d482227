// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/layer_reset.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <vector>

namespace leyden {
namespace {

template <class Layer> bool reset_as(torch::nn::Module& layer)
{
    auto* known = layer.as<Layer>();
    if (known)
        known->reset_parameters();
    return known != nullptr;
}

bool reset(torch::nn::Module& layer)
{
    using namespace torch::nn;
    return reset_as<LinearImpl>(layer) || reset_as<Conv1dImpl>(layer) || reset_as<Conv2dImpl>(layer)
        || reset_as<Conv3dImpl>(layer) || reset_as<ConvTranspose1dImpl>(layer)
        || reset_as<ConvTranspose2dImpl>(layer) || reset_as<ConvTranspose3dImpl>(layer)
        || reset_as<BatchNorm1dImpl>(layer) || reset_as<BatchNorm2dImpl>(layer)
        || reset_as<BatchNorm3dImpl>(layer) || reset_as<LayerNormImpl>(layer)
        || reset_as<GroupNormImpl>(layer) || reset_as<EmbeddingImpl>(layer)
        || reset_as<BilinearImpl>(layer);
}

} // namespace

std::map<std::string, at::Tensor> redrawn_parameters(torch::nn::Module& layer)
{
    const at::NoGradGuard no_grad;
    std::vector<std::pair<at::Tensor, at::Tensor>> kept; // tensor, its data
    const auto lend = [&](at::Tensor tensor) {
        kept.emplace_back(tensor, tensor.variable_data());
        tensor.set_data(at::empty_like(tensor.detach(), tensor.options().device(c10::kCPU)));
    };
    for (const auto& parameter : layer.named_parameters(/*recurse=*/false))
        lend(parameter.value());
    // batch norms reset theirs too
    for (const auto& buffer : layer.named_buffers(/*recurse=*/false))
        lend(buffer.value());
    std::map<std::string, at::Tensor> drawn;
    if (reset(layer))
        for (const auto& parameter : layer.named_parameters(/*recurse=*/false))
            drawn.emplace(parameter.key(), parameter.value().variable_data());
    for (auto& [tensor, data] : kept)
        tensor.set_data(data);
    return drawn;
}

} // namespace leyden
