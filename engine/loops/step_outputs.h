// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/state_tree.h"

#include <ATen/core/Tensor.h>

namespace leyden {

/// What on_train_batch_end gets of a training_step: "loss" (detached; absent where undefined), then
/// the extra entries. `outputs` is a dict that is used again batch after batch.
/// Throws: MisconfigurationError where the extra is neither nothing nor a dict.
void fill_outputs(StateTree& outputs, const at::Tensor& loss, const StateTree& extra);

} // namespace leyden
