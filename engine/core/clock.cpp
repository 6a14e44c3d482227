// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/clock.h"

namespace leyden {
namespace {
class SystemClock final : public Clock
{
public:
    Duration monotonic() const override
    {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
    Duration wall() const override { return std::chrono::system_clock::now().time_since_epoch(); }
};
} // namespace

const Clock& Clock::system()
{
    static const SystemClock clock;
    return clock;
}

} // namespace leyden
