// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"
#include "engine/data/combined_loader.h"

#include <cstdint>

namespace leyden {

/// The position of a training loader after so many batches of its pass. That of a run that failed
/// within a batch is one further: the batch was fetched, and is to be trained once more.
LEYDEN_API StateTree position_after(StateTree position, int64_t batches, CombinedMode mode);

} // namespace leyden
