// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/fused_lists.h"

#include "engine/core/errors.h"

#include <algorithm>

namespace leyden {

bool is_fused(const ParamGroup& group)
{
    const auto* fused = group.options.find("fused");
    return fused && !fused->is_none() && fused->to_bool();
}

std::vector<std::vector<size_t>> fused_lists(const ParamGroup& group, const char* optimizer)
{
    std::vector<std::vector<size_t>> lists;
    for (size_t i = 0; i < group.params.size(); ++i) {
        const auto& param = group.params[i];
        if (!param.grad().defined())
            continue;
        if (!param.is_floating_point() || param.grad().is_sparse())
            throw MisconfigurationError(std::string(optimizer)
                + ": fused takes floating-point parameters with dense gradients; set fused to "
                  "false");
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

} // namespace leyden
