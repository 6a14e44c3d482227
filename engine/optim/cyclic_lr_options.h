// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace leyden {

enum class CyclicMode { Triangular, Triangular2, ExpRange };

/// The arguments of torch.optim.lr_scheduler.CyclicLR but scale_fn, with its names and defaults.
struct CyclicLROptions
{
    std::variant<double, std::vector<double>> base_lr
        = 0.0; ///< one, or one a group; no default in PyTorch
    std::variant<double, std::vector<double>> max_lr = 0.0; ///< likewise
    int64_t step_size_up = 2000;                            ///< >= 1
    std::optional<int64_t> step_size_down = {};             ///< none: as step_size_up
    CyclicMode mode = CyclicMode::Triangular;
    double gamma = 1.0; ///< of ExpRange
    bool cycle_momentum = true;
    std::variant<double, std::vector<double>> base_momentum = 0.8;
    std::variant<double, std::vector<double>> max_momentum = 0.9;
    int64_t last_epoch = -1;
};

LEYDEN_API void describe(OptionTable<CyclicLROptions>& table);

} // namespace leyden
