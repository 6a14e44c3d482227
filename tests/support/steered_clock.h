// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/clock.h"

#include <chrono>

namespace leyden::test {

/// A clock that goes only when a test says so.
class SteeredClock final : public Clock
{
public:
    void advance(Duration by) { now_ += by; }
    Duration monotonic() const override { return now_; }
    Duration wall() const override { return std::chrono::hours(1'000'000) + now_; }

private:
    Duration now_{std::chrono::seconds(1)};
};

} // namespace leyden::test
