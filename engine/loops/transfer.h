// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/data/data_loader.h"

#include <cstdint>

namespace leyden {

class Trainer;

/// The three transfer hooks around the move of a batch to the run's device; precision first.
Batch transfer_batch(Trainer& trainer, Batch batch, int64_t dataloader_idx);

} // namespace leyden
