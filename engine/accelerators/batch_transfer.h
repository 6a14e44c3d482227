// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/data_loader.h"

#include <c10/core/Device.h>

namespace leyden {

/// The same nesting with every tensor on `target`. A tensor that is there already stays the one it
/// was; a batch that is there altogether is handed back as it came.
///
/// Waits:  for copies to the CPU and to MPS. A copy to a CUDA device is queued; where the tensor
///         lies in pinned memory (DataLoaderOptions::pin_memory), the caller does not wait for it.
/// Source: PyTorch Lightning 2.6, fabric/utilities/apply_func.py (move_data_to_device).
LEYDEN_API Batch move_to_device(Batch batch, c10::Device target);

} // namespace leyden
