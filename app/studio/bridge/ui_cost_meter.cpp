// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/ui_cost_meter.h"

#include <ctime>

namespace leyden::app {

double UiCostMeter::threadSeconds()
{
    timespec time{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0)
        return 0.0;
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

} // namespace leyden::app
