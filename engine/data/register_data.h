// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

/// Adds the data modules that a config can name.
LEYDEN_API void register_data(Registry& registry);

} // namespace leyden
