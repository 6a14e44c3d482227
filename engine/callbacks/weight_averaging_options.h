// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/weight_averaging.py.
struct WeightAveragingOptions
{
    std::optional<std::string> device{}; ///< unset: the module's
    bool use_buffers = true;             ///< average the buffers too; false: copy them
};

struct EMAWeightAveragingOptions
{
    std::optional<std::string> device{};
    bool use_buffers = true;
    double decay = 0.999;                              ///< share of the average that stays, [0, 1]
    int64_t update_every_n_steps = 1;                  ///< optimizer steps; 0: no updates by steps
    std::optional<int64_t> update_starting_at_step{};  ///< unset: from the first on
    std::optional<int64_t> update_starting_at_epoch{}; ///< set: also at the end of epochs from this
                                                       ///< one on
};

void describe(OptionTable<WeightAveragingOptions>& table);
void describe(OptionTable<EMAWeightAveragingOptions>& table);

} // namespace leyden
