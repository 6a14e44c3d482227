// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/fused_lists.h"

#include "engine/core/errors.h"

#include <ATen/ops/empty_like.h>

#include <algorithm>

namespace leyden {

namespace {

bool is_set(const ParamGroup& group, std::string_view option)
{
    const auto* value = group.options.find(option);
    return value && !value->is_none() && value->to_bool();
}

bool is_unset(const ParamGroup& group, std::string_view option)
{
    const auto* value = group.options.find(option);
    return !value || value->is_none();
}

/// `option`: what asked for lists, for messages.
std::vector<std::vector<size_t>> lists_of(
    const ParamGroup& group, const std::string& optimizer, bool needs_floats, const char* option)
{
    std::vector<std::vector<size_t>> lists;
    for (size_t i = 0; i < group.params.size(); ++i) {
        const auto& param = group.params[i];
        if (!param.grad().defined())
            continue;
        if ((needs_floats && !param.is_floating_point()) || param.grad().is_sparse())
            throw MisconfigurationError(optimizer + ": " + option + " takes "
                + (needs_floats ? "floating-point " : "") + "parameters with dense gradients; set "
                + option + " to false");
        const auto list = std::find_if(lists.begin(), lists.end(), [&](const auto& known) {
            const auto& first = group.params[known.front()];
            return first.device() == param.device() && first.dtype() == param.dtype();
        });
        if (list == lists.end())
            lists.push_back({i});
        else
            list->push_back(i);
    }
    return lists;
}

} // namespace

bool is_fused(const ParamGroup& group)
{
    return is_set(group, "fused");
}

bool is_foreach(const ParamGroup& group)
{
    if (!is_unset(group, "foreach") || !is_unset(group, "fused") || group.params.empty())
        return is_set(group, "foreach");
    return group.options.contains("foreach")
        && std::all_of(group.params.begin(), group.params.end(),
            [](const at::Tensor& param) { return param.device().is_cuda(); });
}

std::vector<std::vector<size_t>> fused_lists(const ParamGroup& group, const std::string& optimizer)
{
    return lists_of(group, optimizer, true, "fused");
}

std::vector<std::vector<size_t>> foreach_lists(
    const ParamGroup& group, const std::string& optimizer)
{
    return lists_of(group, optimizer, false, "foreach");
}

at::Tensor fused_gradient(const at::Tensor& param)
{
    const auto& grad = param.grad();
    return grad.strides() == param.strides() ? grad : at::empty_like(param).copy_(grad);
}

} // namespace leyden
