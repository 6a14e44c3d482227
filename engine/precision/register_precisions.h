// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

/// Adds the precision plug-ins, for `plugins`. The option `precision` makes the same by name.
LEYDEN_API void register_precisions(Registry& registry);

} // namespace leyden
