// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/cpu_usage.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>
#include <utility>

namespace leyden {
namespace {

/// As Python rounds to one decimal.
double rounded(double percent)
{
    return std::nearbyint(percent * 10.0) / 10.0;
}

/// Kilobytes of "MemTotal:       16384 kB"; 0 where the line is missing.
int64_t kilobytes(const std::string& meminfo, std::string_view key)
{
    std::istringstream lines(meminfo);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':')
            continue;
        std::istringstream value(line.substr(key.size() + 1));
        int64_t number = 0;
        return value >> number ? number : 0;
    }
    return 0;
}

double share(int64_t used, int64_t total)
{
    return total > 0 ? rounded(100.0 * double(used) / double(total)) : 0.0;
}

} // namespace

double CpuUsage::cpu_percent(const std::string& proc_stat)
{
    std::istringstream line(proc_stat.substr(0, proc_stat.find('\n')));
    std::string label;
    line >> label;
    Times now{};
    for (auto& time : now)
        if (!(line >> time))
            break; // older kernels have fewer
    const auto before = std::exchange(before_, now);
    if (!before || label != "cpu")
        return 0.0;
    Times spent{};
    for (size_t i = 0; i < now.size(); ++i)
        spent[i] = std::max<int64_t>(0, now[i] - (*before)[i]);
    constexpr size_t idle = 3, iowait = 4, counted = 8; // guests' time is part of user and nice
    int64_t total = 0;
    for (size_t i = 0; i < counted; ++i)
        total += spent[i];
    return share(total - spent[idle] - spent[iowait], total);
}

double CpuUsage::vm_percent(const std::string& proc_meminfo)
{
    const auto total = kilobytes(proc_meminfo, "MemTotal");
    return share(total - kilobytes(proc_meminfo, "MemAvailable"), total);
}

double CpuUsage::swap_percent(const std::string& proc_meminfo)
{
    const auto total = kilobytes(proc_meminfo, "SwapTotal");
    return share(total - kilobytes(proc_meminfo, "SwapFree"), total);
}

} // namespace leyden
