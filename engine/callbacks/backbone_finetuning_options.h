// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/finetuning.py.
struct BackboneFinetuningOptions
{
    /// submodules by name, such as "net.0"; theirs are below them
    std::variant<std::string, std::vector<std::string>> backbone = std::string("backbone");
    int64_t unfreeze_backbone_at_epoch = 10; ///< counted from 0
    std::string lambda_func = "2.0"; ///< formula of epoch: what the backbone's rate is multiplied
                                     ///< with in each later epoch
    double backbone_initial_ratio_lr = 0.1;
    std::optional<double> backbone_initial_lr{}; ///< unset: the first group's rate times
                                                 ///< backbone_initial_ratio_lr
    bool should_align = true; ///< the backbone's rate stays below the first group's
    double initial_denom_lr = 10.0;
    bool train_bn = true;
    bool verbose = false;
    int64_t rounding = 12; ///< decimals of the rates in the lines of verbose
};

void describe(OptionTable<BackboneFinetuningOptions>& table);

} // namespace leyden
