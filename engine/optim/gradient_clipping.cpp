// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/gradient_clipping.h"

#include "engine/core/errors.h"

#include <ATen/ops/_foreach_clamp_max.h>
#include <ATen/ops/_foreach_clamp_min.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace leyden {

namespace {

/// Gradients of one device and dtype, in order: what one foreach call takes.
using GradientGroups = std::vector<std::vector<at::Tensor>>;

GradientGroups gradients_of(std::span<const at::Tensor> parameters)
{
    GradientGroups groups;
    for (const auto& param : parameters) {
        const auto& grad = param.grad();
        if (!grad.defined())
            continue;
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) {
            return known[0].device() == grad.device() && known[0].dtype() == grad.dtype();
        });
        if (group == groups.end())
            groups.push_back({grad});
        else
            group->push_back(grad);
    }
    return groups;
}

at::Tensor total_norm(const GradientGroups& groups, double norm_type)
{
    if (groups.empty())
        return at::zeros({});
    std::vector<at::Tensor> norms;
    for (const auto& group : groups)
        for (auto& norm : at::_foreach_norm(group, norm_type))
            norms.push_back(norm.to(groups[0][0].device()));
    return at::linalg_vector_norm(at::stack(norms), norm_type);
}

} // namespace

at::Tensor total_grad_norm(std::span<const at::Tensor> parameters, double norm_type)
{
    const c10::NoGradGuard no_grad;
    return total_norm(gradients_of(parameters), norm_type);
}

at::Tensor clip_grad_norm_(std::span<const at::Tensor> parameters, double max_norm,
    double norm_type, bool error_if_nonfinite)
{
    const c10::NoGradGuard no_grad;
    auto groups = gradients_of(parameters);
    auto norm = total_norm(groups, norm_type);
    if (error_if_nonfinite && !std::isfinite(norm.item<double>()))
        throw NonFiniteError("the norm of the gradients is " + std::to_string(norm.item<double>())
            + ", so they cannot be clipped; look for the step that made it so");
    // PyTorch's max_norm / (norm + 1e-6) is a reciprocal and a product; a division rounds
    // otherwise.
    const auto coefficient = norm.add(1e-6).reciprocal_().mul(max_norm).clamp_max_(1.0);
    for (auto& group : groups)
        at::_foreach_mul_(group, coefficient.to(group[0].device()));
    return norm;
}

void clip_grad_value_(std::span<const at::Tensor> parameters, double clip_value)
{
    const c10::NoGradGuard no_grad;
    for (auto& group : gradients_of(parameters)) {
        at::_foreach_clamp_min_(group, -clip_value);
        at::_foreach_clamp_max_(group, clip_value);
    }
}

} // namespace leyden
