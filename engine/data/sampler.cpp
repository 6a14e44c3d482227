// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/sampler.h"

#include "engine/core/errors.h"

#include <ATen/ops/multinomial.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/tensor.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace leyden {
namespace {

std::vector<int64_t> rows_of(const at::Tensor& drawn)
{
    const auto* values = drawn.const_data_ptr<int64_t>();
    return {values, values + drawn.numel()};
}

} // namespace

Sampler::~Sampler() = default;

WeightedRandomSampler::WeightedRandomSampler(
    const std::vector<double>& weights, int64_t num_samples, bool replacement)
    : num_samples_(num_samples), replacement_(replacement)
{
    const auto is_bad = [](double weight) { return !std::isfinite(weight) || weight < 0.0; };
    const auto above_zero
        = std::count_if(weights.begin(), weights.end(), [](double weight) { return weight > 0.0; });
    if (std::any_of(weights.begin(), weights.end(), is_bad) || above_zero == 0)
        throw MisconfigurationError(
            "WeightedRandomSampler: expected finite weights >= 0, at least one of them above 0");
    if (num_samples < 1 || (!replacement && num_samples > above_zero))
        throw MisconfigurationError(fmt::format(
            "WeightedRandomSampler: num_samples = {}: expected a number >= 1{}", num_samples,
            replacement ? ""
                        : fmt::format(", and without replacement at most {}, the rows whose weight "
                                      "is above 0",
                              above_zero)));
    weights_ = at::tensor(weights, at::kDouble);
}

std::vector<int64_t> WeightedRandomSampler::indices() const
{
    return rows_of(at::multinomial(weights_, num_samples_, replacement_));
}

std::vector<int64_t> SubsetRandomSampler::indices() const
{
    auto order = rows_of(at::randperm(size(), at::kLong));
    for (auto& place : order)
        place = rows_[size_t(place)];
    return order;
}

} // namespace leyden
