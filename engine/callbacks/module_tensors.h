// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace torch::nn {
class Module;
class BatchNorm1dImpl;
class BatchNorm2dImpl;
class BatchNorm3dImpl;
} // namespace torch::nn

namespace leyden {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// In PyTorch's order; tied weights once, under their first name.
NamedTensors unique_parameters(const torch::nn::Module& module);
NamedTensors unique_buffers(const torch::nn::Module& module);

/// A module as the kind of batch norm that it is; all null where it is none.
struct AnyBatchNorm
{
    torch::nn::BatchNorm1dImpl* flat = nullptr;
    torch::nn::BatchNorm2dImpl* image = nullptr;
    torch::nn::BatchNorm3dImpl* volume = nullptr;
};
AnyBatchNorm as_batch_norm(torch::nn::Module& module);
bool is_batch_norm(torch::nn::Module& module);
bool contains_batch_norm(const torch::nn::Module& module);

std::vector<torch::nn::Module*> modules_below(const torch::nn::Module& module);

/// Calls function(BatchNorm1dImpl&, ...2d, ...3d) if the module is one of them.
/// Who calls it includes torch/nn/modules/batchnorm.h.
template <class Function> void visit_batch_norm(torch::nn::Module& module, Function&& function)
{
    const auto norm = as_batch_norm(module);
    if (norm.flat)
        function(*norm.flat);
    else if (norm.image)
        function(*norm.image);
    else if (norm.volume)
        function(*norm.volume);
}

/// Calls it for every batch norm below a module.
template <class Function>
void for_each_batch_norm(const torch::nn::Module& module, Function&& function)
{
    for (auto* layer : modules_below(module))
        visit_batch_norm(*layer, function);
}

} // namespace leyden
