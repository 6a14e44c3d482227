// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

enum class RangeMode { Exponential, Linear };

/// Which point of the curve is suggested.
enum class SuggestionMethod {
    Lightning, ///< steepest fall over the rate itself; small rates win
    Steepest,  ///< steepest fall over the rate's logarithm
    Valley,    ///< the middle of the longest fall
    Minimum,   ///< a tenth of the rate with the lowest loss
};

/// Source: PyTorch Lightning 2.6, callbacks/lr_finder.py; `suggestion` is ours.
struct LearningRateFinderOptions
{
    double min_lr = 1e-8;             ///< > 0
    double max_lr = 1.0;              ///< > 0; below min_lr: the rates fall
    int64_t num_training_steps = 100; ///< >= 1
    RangeMode mode = RangeMode::Exponential;
    std::optional<double> early_stop_threshold = 4.0; ///< times the best loss; unset: never stops
                                                      ///< early
    bool update_attr = true;
    std::string attr_name = ""; ///< empty: lr, else learning_rate
    SuggestionMethod suggestion = SuggestionMethod::Lightning;
};

LEYDEN_API void describe(OptionTable<LearningRateFinderOptions>& table);

} // namespace leyden
