// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/optim/largest_lr.h"
#include "engine/optim/param_groups.h"

#include <nlohmann/json.hpp>

namespace leyden {

// Arguments that several of torch.optim's optimizers share.

template <class Options> void describe_lr(OptionTable<Options>& table)
{
    table.add("lr", &Options::lr, "Learning rate").at_least(0).at_most(largest_lr);
}

template <class Options> void describe_eps(OptionTable<Options>& table)
{
    table.add("eps", &Options::eps, "Added to the denominator against division by zero")
        .at_least(0)
        .advanced();
}

template <class Options> void describe_weight_decay(OptionTable<Options>& table)
{
    table.add("weight_decay", &Options::weight_decay, "Pull of the parameters towards zero")
        .at_least(0);
}

template <class Options> void describe_betas(OptionTable<Options>& table)
{
    table.add("betas", &Options::betas, "Decay of the running means of gradient and square")
        .each_at_least(0)
        .each_below(1);
}

/// For those that have it.
template <class Options> void describe_decoupled_decay(OptionTable<Options>& table)
{
    if constexpr (requires { &Options::decoupled_weight_decay; })
        table
            .add("decoupled_weight_decay", &Options::decoupled_weight_decay,
                "Decay the parameters themselves, as AdamW does")
            .advanced();
}

/// The arguments that most of them end with, and ours for groups. They choose among ways to compute
/// the same update; the default is the single-tensor one.
template <class Options> void describe_update(OptionTable<Options>& table)
{
    table.add("maximize", &Options::maximize, "Climb the loss instead of going down").advanced();
    table.add("foreach", &Options::foreach, "Update all tensors of a kind in one call")
        .details(
            "Unset: on a GPU. On a CPU it gains nothing, but rounds as PyTorch's foreach does.")
        .advanced();
    if constexpr (requires { &Options::capturable; })
        table.add("capturable", &Options::capturable, "Safe to capture in a CUDA graph")
            .advanced()
            .not_yet();
    table.add("differentiable", &Options::differentiable, "Let gradients flow through the step")
        .advanced()
        .not_yet();
    if constexpr (requires { &Options::fused; })
        table.add("fused", &Options::fused, "Update with one kernel that rounds less often")
            .advanced();
    if constexpr (requires { &Options::fused; })
        table.check([](const Options& options, OptionClashes& clashes) {
            if (options.foreach.value_or(false) && options.fused.value_or(false))
                clashes.add("fused", "fused and foreach cannot both be true; choose one");
        });
    describe_param_groups(table);
}

} // namespace leyden
