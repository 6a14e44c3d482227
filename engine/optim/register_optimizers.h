// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

namespace leyden {

class Registry;

/// Adds the optimizers (SGD, Adam, AdamW) and schedulers (StepLR, CosineAnnealingLR). An optimizer
/// made from a config has one group of all named parameters, each tensor once.
LEYDEN_API void register_optimizers(Registry& registry);

} // namespace leyden
