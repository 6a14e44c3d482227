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

enum class PlateauMode { Min, Max };
enum class ThresholdMode { Rel, Abs };

/// The arguments of torch.optim.lr_scheduler.ReduceLROnPlateau, with its names and defaults.
struct ReduceLROnPlateauOptions
{
    PlateauMode mode = PlateauMode::Min;
    double factor = 0.1;   ///< < 1
    int64_t patience = 10; ///< steps without improvement that are let pass; >= 0
    double threshold = 1e-4;
    ThresholdMode threshold_mode = ThresholdMode::Rel;
    int64_t cooldown = 0;                                   ///< >= 0
    std::variant<double, std::vector<double>> min_lr = 0.0; ///< one, or one a group
    double eps = 1e-8; ///< smaller changes of a rate are left out
};

LEYDEN_API void describe(OptionTable<ReduceLROnPlateauOptions>& table);

} // namespace leyden
