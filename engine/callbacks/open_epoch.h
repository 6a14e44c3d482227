// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/loops/fit_loop.h"
#include "engine/trainer/trainer.h"

namespace leyden {

/// Whether a run that begins goes on in the middle of an epoch, whose on_train_epoch_start was
/// called before the checkpoint was taken.
inline bool has_open_epoch(const Trainer& trainer)
{
    const auto& epochs = trainer.fit_loop().epoch_progress.current;
    return epochs.ready > epochs.processed;
}

} // namespace leyden
