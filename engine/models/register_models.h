// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

/// Adds the models: MLP.
LEYDEN_API void register_models(Registry& registry);

} // namespace leyden
