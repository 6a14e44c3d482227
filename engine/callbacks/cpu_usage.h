// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace leyden {

/// How busy the machine is, in percent with one decimal, from the texts of Linux' /proc/stat and
/// /proc/meminfo; the numbers that psutil's cpu_percent(), virtual_memory().percent and
/// swap_memory().percent give.
class LEYDEN_API CpuUsage
{
public:
    /// Share of time since the call before in which the processors worked; 0 in the first.
    double cpu_percent(const std::string& proc_stat);
    static double vm_percent(const std::string& proc_meminfo);
    static double swap_percent(const std::string& proc_meminfo); ///< 0 where there is no swap

private:
    using Times = std::array<int64_t, 10>; ///< user nice system idle iowait irq softirq steal guest
                                           ///< guest_nice
    std::optional<Times> before_;
};

} // namespace leyden
