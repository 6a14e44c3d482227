// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/optim/anneal_strategy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/stochastic_weight_avg.py.
struct StochasticWeightAveragingOptions
{
    std::variant<double, std::vector<double>> swa_lrs{}; ///< > 0; a list has one a parameter group
    std::variant<int64_t, double> swa_epoch_start = 0.8; ///< an epoch >= 1, or a share of
                                                         ///< max_epochs in [0, 1]
    int64_t annealing_epochs = 10;
    AnnealStrategy annealing_strategy = AnnealStrategy::Cos;
    std::optional<std::string> device = "cpu"; ///< unset: the module's
};

void describe(OptionTable<StochasticWeightAveragingOptions>& table);

} // namespace leyden
