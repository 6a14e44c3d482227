// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>
#include <map>
#include <string>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/gradient_accumulation_scheduler.py.
struct GradientAccumulationSchedulerOptions
{
    /// Epoch (a whole number >= 0, as text) -> batches an optimizer step from that epoch on, >= 1.
    std::map<std::string, int64_t> scheduling{};
};

void describe(OptionTable<GradientAccumulationSchedulerOptions>& table);

} // namespace leyden
