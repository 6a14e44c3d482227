// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/cpu_wait_meter.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <thread>

#include <sched.h>

namespace leyden {
namespace {

double seconds_of(clockid_t clock)
{
    timespec time{};
    return clock_gettime(clock, &time) == 0 ? double(time.tv_sec) + double(time.tv_nsec) / 1e9
                                            : 0.0;
}

/// "computed waited slices", the first two in nanoseconds.
std::optional<double> waited_seconds()
{
    const std::unique_ptr<FILE, int (*)(FILE*)> file(
        std::fopen("/proc/thread-self/schedstat", "re"), std::fclose);
    unsigned long long computed = 0, waited = 0;
    if (!file || std::fscanf(file.get(), "%llu %llu", &computed, &waited) != 2)
        return std::nullopt;
    return double(waited) / 1e9;
}

} // namespace

std::optional<CpuTimes> cpu_times()
{
    const auto waited = waited_seconds();
    if (!waited)
        return std::nullopt;
    return CpuTimes{.wall = seconds_of(CLOCK_MONOTONIC),
        .waited = *waited,
        .process = seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

int usable_cores()
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return std::max(1, CPU_COUNT(&cores));
    return std::max(1, int(std::thread::hardware_concurrency())); // more than a cpu_set_t holds
}

} // namespace leyden
