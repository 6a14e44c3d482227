// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <optional>

namespace leyden {

struct ThreadsFinderOptions
{
    std::optional<int64_t> max_threads; ///< unset: as many as there are cores; 1..1024
    int64_t rounds = 3;                 ///< >= 1
    double trial_seconds = 0.3;         ///< > 0
};

LEYDEN_API void describe(OptionTable<ThreadsFinderOptions>& table);

} // namespace leyden
