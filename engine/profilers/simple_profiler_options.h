// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <optional>
#include <string>

namespace leyden {

struct SimpleProfilerOptions
{
    std::optional<std::string> dirpath{};  ///< unset: `profiler` in the run folder
    std::optional<std::string> filename{}; ///< unset: the report goes to the log too
    bool extended = true;                  ///< with the number of calls and the share of the run's
                                           ///< time
};

void describe(OptionTable<SimpleProfilerOptions>& table);

} // namespace leyden
