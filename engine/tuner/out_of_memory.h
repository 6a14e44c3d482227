// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <exception>

namespace leyden {

/// Whether memory ran out: of the host, or of a device. A smaller batch may do.
LEYDEN_API bool is_out_of_memory(const std::exception& error);

/// Gives what a device's allocator keeps for later back to the device.
LEYDEN_API void empty_device_cache();

} // namespace leyden
