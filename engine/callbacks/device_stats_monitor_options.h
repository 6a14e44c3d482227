// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <optional>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/device_stats_monitor.py.
struct DeviceStatsMonitorOptions
{
    std::optional<bool> cpu_stats{}; ///< unset: where the CPU trains
};

void describe(OptionTable<DeviceStatsMonitorOptions>& table);

} // namespace leyden
