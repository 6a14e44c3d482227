// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/throughput_monitor.py.
struct ThroughputMonitorOptions
{
    int64_t window_size = 100; ///< batches; >= 2
    std::string separator = "/";
    std::optional<double> available_flops{}; ///< of the device, a second; ours: Lightning looks up
                                             ///< the name of a GPU
};

void describe(OptionTable<ThroughputMonitorOptions>& table);

} // namespace leyden
