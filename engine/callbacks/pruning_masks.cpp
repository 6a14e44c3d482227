// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/pruning_masks.h"

#include "engine/core/errors.h"

#include <ATen/TensorIndexing.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/rand_like.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros_like.h>

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <vector>

namespace leyden {
namespace {

/// Python's round: to the nearest, halves to the even one.
int64_t count_of(const PruningAmount& amount, int64_t size)
{
    if (const auto* share = std::get_if<double>(&amount))
        return std::llrint(std::nearbyint(*share * double(size)));
    const auto count = std::get<int64_t>(amount);
    if (count > size)
        throw MisconfigurationError(fmt::format("ModelPruning: amount = {}, but only {} are left "
                                                "to prune; give a smaller number or a share",
            count, size));
    return count;
}

/// Of scores and mask of one shape.
at::Tensor unstructured(const PruningRule& rule, const at::Tensor& scores, const at::Tensor& mask,
    const PruningAmount& amount)
{
    const auto count = count_of(amount, scores.numel());
    auto next = mask.clone(at::MemoryFormat::Contiguous);
    if (count == 0)
        return next;
    const bool is_random = rule.method == PruningMethod::RandomUnstructured;
    const auto ranked = is_random ? at::rand_like(scores) : at::abs(scores);
    const auto chosen
        = std::get<1>(at::topk(ranked.reshape(-1), count, /*dim=*/-1, /*largest=*/is_random));
    next.view(-1).index_fill_(0, chosen, 0);
    return next;
}

at::Tensor structured(const PruningRule& rule, const at::Tensor& scores, const at::Tensor& mask,
    const PruningAmount& amount)
{
    const auto channels = scores.size(rule.dim);
    const auto count = count_of(amount, channels);
    if (rule.method == PruningMethod::RandomStructured) {
        if (count == 0)
            return mask;
        const auto chance = at::rand({channels});
        const auto threshold = std::get<0>(at::kthvalue(chance, count));
        const auto kept = chance.gt(threshold).to(scores.device());
        auto next = at::zeros_like(scores);
        std::vector<at::indexing::TensorIndex> place(size_t(scores.dim()), at::indexing::Slice());
        place[size_t(rule.dim < 0 ? rule.dim + scores.dim() : rule.dim)] = kept;
        next.index_put_(place, 1);
        return next.mul_(mask);
    }
    std::vector<int64_t> others;
    const auto dim = rule.dim < 0 ? rule.dim + scores.dim() : rule.dim;
    for (int64_t i = 0; i < scores.dim(); ++i)
        if (i != dim)
            others.push_back(i);
    const auto norms = at::norm(scores, at::Scalar(rule.norm), others);
    const auto kept = std::get<1>(at::topk(norms, channels - count, /*dim=*/-1, /*largest=*/true));
    if (count == 0)
        return mask;
    auto next = at::zeros_like(scores);
    next.index_fill_(dim, kept, 1);
    return next.mul_(mask);
}

} // namespace

at::Tensor pruned_mask(const PruningRule& rule, const at::Tensor& scores, const at::Tensor& mask,
    const PruningAmount& amount)
{
    if (!rule.is_structured()) {
        if (!mask.defined())
            return unstructured(rule, scores, at::ones_like(scores), amount);
        auto next = mask.clone(at::MemoryFormat::Contiguous);
        const auto kept = mask.eq(1);
        next.index_put_(
            {kept}, unstructured(rule, scores.index({kept}), mask.index({kept}), amount));
        return next;
    }
    if (scores.dim() <= 1)
        throw MisconfigurationError("ModelPruning: structured pruning needs tensors with several "
                                    "dimensions, and a bias has one; set "
                                    "parameter_names = [\"weight\"]");
    if (rule.dim >= scores.dim() || rule.dim < -scores.dim())
        throw MisconfigurationError(
            fmt::format("ModelPruning: pruning_dim = {}, but a parameter has {} dimensions",
                rule.dim, scores.dim()));
    if (!mask.defined())
        return structured(rule, scores, at::ones_like(scores), amount);
    const auto dim = rule.dim < 0 ? rule.dim + scores.dim() : rule.dim;
    std::vector<int64_t> others;
    for (int64_t i = 0; i < scores.dim(); ++i)
        if (i != dim)
            others.push_back(i);
    std::vector<at::indexing::TensorIndex> place(size_t(scores.dim()), at::indexing::Slice());
    place[size_t(dim)] = mask.sum(others).ne(0); // channels that are left
    auto next = mask.clone(at::MemoryFormat::Contiguous);
    next.index_put_(place, structured(rule, scores.index(place), mask.index(place), amount));
    return next;
}

} // namespace leyden
