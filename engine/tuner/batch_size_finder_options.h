// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <string>

namespace leyden {

enum class BatchSizeMode { Power, BinarySearch };

/// Source: PyTorch Lightning 2.6, callbacks/batch_size_finder.py.
struct BatchSizeFinderOptions
{
    BatchSizeMode mode = BatchSizeMode::Power;
    int64_t steps_per_trial = 3; ///< >= 1
    int64_t init_val = 2;        ///< >= 1
    int64_t max_trials = 25;     ///< >= 0
    std::string batch_arg_name = "batch_size";
    double margin = 0.05;   ///< taken off what a binary search finds; in [0, 1)
    int64_t max_val = 8192; ///< >= 1
};

LEYDEN_API void describe(OptionTable<BatchSizeFinderOptions>& table);

} // namespace leyden
