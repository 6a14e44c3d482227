// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

/// Adds the optimizers and schedulers. An optimizer made from a config has one group of all named
/// parameters, or the groups of `param_groups`; each tensor is in one.
LEYDEN_API void register_optimizers(Registry& registry);

} // namespace leyden
