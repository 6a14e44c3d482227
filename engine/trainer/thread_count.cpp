// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/thread_count.h"

#include "engine/core/data_module.h"
#include "engine/core/lightning_module.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <cstdlib>

namespace leyden {
namespace {
constexpr int64_t worth_a_thread = 2'000'000; ///< multiply-adds

/// Multiply-adds of the largest layer for one row; none where a layer is of an unknown kind.
std::optional<int64_t> largest_layer(const LightningModule& module)
{
    constexpr std::array<std::string_view, 3> known
        = {"torch::nn::LinearImpl", "torch::nn::BatchNorm1dImpl", "torch::nn::LayerNormImpl"};
    if (!module.parameters(/*recurse=*/false).empty())
        return {};
    int64_t largest = 0;
    for (const auto& layer : module.modules(/*include_self=*/false)) {
        for (const auto& parameter : layer->parameters(false)) {
            if (std::find(known.begin(), known.end(), layer->name()) == known.end())
                return {};
            largest = std::max(largest, parameter.numel());
        }
    }
    return largest;
}

} // namespace

int64_t threads_for_model(const LightningModule& module, int64_t batch_size, int64_t available)
{
    const auto weights = largest_layer(module);
    if (!weights)
        return available;
    const auto threads = double(*weights) * double(batch_size) / double(worth_a_thread);
    return int64_t(std::clamp(threads, 1.0, std::max(1.0, double(available))));
}

bool environment_sets_threads()
{
    for (const char* variable : {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}) {
        if (const char* value = std::getenv(variable); value && *value)
            return true;
    }
    return false;
}

void choose_threads(const LightningModule& module, const LightningDataModule& data)
{
    const auto batch_size = data.attribute("batch_size");
    if (batch_size.is_int() && !environment_sets_threads())
        at::set_num_threads(
            int(threads_for_model(module, batch_size.to_int(), at::get_num_threads())));
}

} // namespace leyden
