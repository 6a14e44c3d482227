// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

LEYDEN_API void register_profilers(Registry& registry);

} // namespace leyden
