// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace leyden {

/// Which rows a pass over a data set takes, and in which order.
/// Source: torch.utils.data.Sampler of PyTorch 2.13.
class LEYDEN_API Sampler
{
public:
    virtual ~Sampler();
    virtual int64_t size() const = 0; ///< rows of one pass
    /// The rows of one pass. Asked once a pass, on the loader's thread, when its first batch is
    /// fetched; may draw from the default generator, as PyTorch's samplers do.
    virtual std::vector<int64_t> indices() const = 0;
};

/// Draws rows by weights that need not sum to 1.
/// Throws: MisconfigurationError for weights or a count that cannot be drawn by (constructor).
/// Source: torch.utils.data.WeightedRandomSampler.
class LEYDEN_API WeightedRandomSampler final : public Sampler
{
public:
    WeightedRandomSampler(
        const std::vector<double>& weights, int64_t num_samples, bool replacement = true);
    int64_t size() const override { return num_samples_; }
    std::vector<int64_t> indices() const override;

private:
    at::Tensor weights_; ///< [N] float64
    int64_t num_samples_;
    bool replacement_;
};

/// The given rows in random order.
/// Source: torch.utils.data.SubsetRandomSampler.
class LEYDEN_API SubsetRandomSampler final : public Sampler
{
public:
    explicit SubsetRandomSampler(std::vector<int64_t> rows) : rows_(std::move(rows)) { }
    int64_t size() const override { return int64_t(rows_.size()); }
    std::vector<int64_t> indices() const override;

private:
    std::vector<int64_t> rows_;
};

} // namespace leyden
