// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace leyden {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

namespace module_tensors {
template <class Items> NamedTensors unique(const Items& items)
{
    NamedTensors tensors;
    std::set<const void*> seen;
    for (const auto& item : items)
        if (seen.insert(item.value().unsafeGetTensorImpl()).second)
            tensors.emplace_back(item.key(), item.value());
    return tensors;
}
} // namespace module_tensors

/// In PyTorch's order; tied weights once, under their first name.
inline NamedTensors unique_parameters(const torch::nn::Module& module)
{
    return module_tensors::unique(module.named_parameters());
}

inline NamedTensors unique_buffers(const torch::nn::Module& module)
{
    return module_tensors::unique(module.named_buffers());
}

/// Calls function(BatchNorm1dImpl&, ...2d, ...3d) if the module is one of them; says whether it is.
template <class Function> bool visit_batch_norm(torch::nn::Module& module, Function&& function)
{
    if (auto* flat = module.as<torch::nn::BatchNorm1dImpl>())
        return function(*flat), true;
    if (auto* image = module.as<torch::nn::BatchNorm2dImpl>())
        return function(*image), true;
    if (auto* volume = module.as<torch::nn::BatchNorm3dImpl>())
        return function(*volume), true;
    return false;
}

/// Calls it for every batch norm below a module.
template <class Function> void for_each_batch_norm(const torch::nn::Module& module, Function&& function)
{
    for (const auto& layer : module.modules(/*include_self=*/false))
        visit_batch_norm(*layer, function);
}

inline bool is_batch_norm(torch::nn::Module& module)
{
    return visit_batch_norm(module, [](auto&) {});
}

inline bool contains_batch_norm(const torch::nn::Module& module)
{
    bool contains = false;
    for_each_batch_norm(module, [&](auto&) { contains = true; });
    return contains;
}

} // namespace leyden
