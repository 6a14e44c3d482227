// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/early_stopping_options.h"
#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/spike.py.
struct SpikeDetectionOptions
{
    MonitorMode mode = MonitorMode::Min;
    int64_t window = 10;              ///< batches in the moving mean; >= 1
    int64_t warmup = 1;               ///< first batches of each epoch that are not judged
    std::optional<double> atol{};     ///< unset: no absolute test
    std::optional<double> rtol = 2.0; ///< unset: no relative test
    std::optional<std::string> exclude_batches_path{}; ///< file, or folder of skip_batches.json;
                                                       ///< unset: default_root_dir
    bool finite_only = true;
};

void describe(OptionTable<SpikeDetectionOptions>& table);

} // namespace leyden
