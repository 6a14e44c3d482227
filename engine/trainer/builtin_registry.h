// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"
#include "engine/core/export.h"

namespace leyden {

/// Everything that Leyden ships, by name.
LEYDEN_API Registry builtin_registry();

} // namespace leyden
