// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <cstdint>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/progress/tqdm_progress.py.
struct TQDMProgressBarOptions
{
    int64_t refresh_rate = 1;     ///< batches between two updates; 0: no bar
    int64_t process_position = 0; ///< lines below the cursor
    bool leave = false;           ///< the bar of an epoch stays
};

/// Source: PyTorch Lightning 2.6, callbacks/progress/rich_progress.py; theme and console_kwargs are
///         not there.
struct RichProgressBarOptions
{
    int64_t refresh_rate = 100; ///< updates a second; 0: no bar
    bool leave = false;
};

void describe(OptionTable<TQDMProgressBarOptions>& table);
void describe(OptionTable<RichProgressBarOptions>& table);

} // namespace leyden
