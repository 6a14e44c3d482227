// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/registry.h"
#include "engine/core/export.h"

namespace leyden {

/// The tuner's callbacks: LearningRateFinder, BatchSizeFinder.
LEYDEN_API void register_tuner(Registry& registry);

} // namespace leyden
