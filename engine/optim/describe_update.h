// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <nlohmann/json.hpp>

namespace leyden {

/// The arguments that all of torch.optim's optimizers end with. They choose among ways to compute
/// the same update; ours is the single-tensor one.
template <class Options> void describe_update(OptionTable<Options>& table)
{
    table.add("maximize", &Options::maximize, "Climb the loss instead of going down").advanced();
    table.add("foreach", &Options::foreach, "Update all tensors of a kind in one call")
        .advanced()
        .not_yet({false});
    if constexpr (requires { &Options::capturable; })
        table.add("capturable", &Options::capturable, "Safe to capture in a CUDA graph")
            .advanced()
            .not_yet();
    table.add("differentiable", &Options::differentiable, "Let gradients flow through the step")
        .advanced()
        .not_yet();
    table.add("fused", &Options::fused, "Update with one kernel that rounds less often")
        .advanced()
        .not_yet({false});
}

} // namespace leyden
