// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/model_summary.py.
struct ModelSummaryOptions
{
    int64_t max_depth = 1; ///< levels of layers; -1: all, 0: nothing is printed
};

/// The same table under the name of Lightning's coloured one.
struct RichModelSummaryOptions : ModelSummaryOptions
{
};

void describe(OptionTable<ModelSummaryOptions>& table);
void describe(OptionTable<RichModelSummaryOptions>& table);

} // namespace leyden
