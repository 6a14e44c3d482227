// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <chrono>

namespace leyden {

/// Where the engine reads time, so that tests need no sleep.
class LEYDEN_API Clock
{
public:
    using Duration = std::chrono::nanoseconds;
    virtual ~Clock() = default;
    virtual Duration monotonic() const = 0; ///< since an arbitrary start; never goes back
    virtual Duration wall() const = 0;      ///< since 1970-01-01T00:00:00Z

    static const Clock& system(); ///< the machine's clock; lives as long as the process
};

} // namespace leyden
