// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/layer_reset.h"

#include <ATen/core/grad_mode.h>
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
        || reset_as<Conv3dImpl>(layer) || reset_as<ConvTranspose1dImpl>(layer) || reset_as<ConvTranspose2dImpl>(layer)
        || reset_as<ConvTranspose3dImpl>(layer) || reset_as<BatchNorm1dImpl>(layer) || reset_as<BatchNorm2dImpl>(layer)
        || reset_as<BatchNorm3dImpl>(layer) || reset_as<LayerNormImpl>(layer) || reset_as<GroupNormImpl>(layer)
        || reset_as<EmbeddingImpl>(layer) || reset_as<BilinearImpl>(layer);
}

} // namespace

std::map<std::string, at::Tensor> redrawn_parameters(torch::nn::Module& layer)
{
    const at::NoGradGuard no_grad;
    std::vector<std::pair<at::Tensor, at::Tensor>> kept; // tensor, its values
    for (const auto& parameter : layer.named_parameters(/*recurse=*/false))
        kept.emplace_back(parameter.value(), parameter.value().detach().clone());
    for (const auto& buffer : layer.named_buffers(/*recurse=*/false)) // batch norms reset theirs too
        kept.emplace_back(buffer.value(), buffer.value().detach().clone());
    std::map<std::string, at::Tensor> drawn;
    if (reset(layer))
        for (const auto& parameter : layer.named_parameters(/*recurse=*/false))
            drawn.emplace(parameter.key(), parameter.value().detach().clone());
    for (auto& [tensor, values] : kept)
        tensor.detach().copy_(values);
    return drawn;
}

} // namespace leyden
