// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

enum class PruningMethod { L1Unstructured, RandomUnstructured, LnStructured, RandomStructured };

/// How much to prune: that many parameters (or channels), or a share in [0, 1] of what is left.
using PruningAmount = std::variant<int64_t, double>;

/// Source: PyTorch Lightning 2.6, callbacks/pruning.py.
struct ModelPruningOptions
{
    PruningMethod pruning_fn = PruningMethod::L1Unstructured; ///< to be given
    std::vector<std::string> parameters_to_prune{}; ///< regular expressions of whole names; empty:
                                                    ///< all
    std::optional<std::vector<std::string>> parameter_names{}; ///< of "weight", "bias"; unset: both
    bool use_global_unstructured = true; ///< rank all parameters together, not each tensor by
                                         ///< itself
    PruningAmount amount = 0.5;
    bool apply_pruning = true;
    bool make_pruning_permanent = true;
    bool use_lottery_ticket_hypothesis = true;
    bool resample_parameters = false;
    std::optional<int64_t> pruning_dim{};  ///< of the structured ones
    std::optional<int64_t> pruning_norm{}; ///< of ln_structured
    int64_t verbose = 0;                   ///< 0, 1, 2
    bool prune_on_train_epoch_end = true;  ///< false: after each validation
};

void describe(OptionTable<ModelPruningOptions>& table);

} // namespace leyden
