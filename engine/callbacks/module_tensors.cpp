// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/module_tensors.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>

#include <algorithm>
#include <set>

namespace leyden {
namespace {

template <class Items> NamedTensors unique(const Items& items)
{
    NamedTensors tensors;
    std::set<const void*> seen;
    for (const auto& item : items)
        if (seen.insert(item.value().unsafeGetTensorImpl()).second)
            tensors.emplace_back(item.key(), item.value());
    return tensors;
}

} // namespace

NamedTensors unique_parameters(const torch::nn::Module& module)
{
    return unique(module.named_parameters());
}

NamedTensors unique_buffers(const torch::nn::Module& module)
{
    return unique(module.named_buffers());
}

AnyBatchNorm as_batch_norm(torch::nn::Module& module)
{
    return {module.as<torch::nn::BatchNorm1dImpl>(), module.as<torch::nn::BatchNorm2dImpl>(),
        module.as<torch::nn::BatchNorm3dImpl>()};
}

bool is_batch_norm(torch::nn::Module& module)
{
    const auto norm = as_batch_norm(module);
    return norm.flat || norm.image || norm.volume;
}

std::vector<torch::nn::Module*> modules_below(const torch::nn::Module& module)
{
    std::vector<torch::nn::Module*> modules;
    for (const auto& below : module.modules(/*include_self=*/false))
        modules.push_back(below.get());
    return modules;
}

bool contains_batch_norm(const torch::nn::Module& module)
{
    const auto modules = modules_below(module);
    return std::any_of(
        modules.begin(), modules.end(), [](auto* below) { return is_batch_norm(*below); });
}

} // namespace leyden
