// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace leyden {

/// The arguments of torch.amp.GradScaler, with its names and defaults.
struct GradScalerOptions
{
    double init_scale = 65536.0;
    double growth_factor = 2.0;     ///< above 1
    double backoff_factor = 0.5;    ///< below 1
    int64_t growth_interval = 2000; ///< steps in a row without an overflow before the scale grows
};

} // namespace leyden
