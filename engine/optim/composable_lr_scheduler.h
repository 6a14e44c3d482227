// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/optim/lr_scheduler.h"

namespace leyden {

/// A scheduler that can stand in a sequence or chain of others: every one but ReduceLROnPlateau.
class LEYDEN_API ComposableLRScheduler : public LRScheduler
{
public:
    virtual void initial_step() = 0; ///< starts to count and sets the rates of step 0
    virtual void undo_step() = 0;    ///< takes back the count of one step; the rates stay
    /// Sets the rates of step 0, from the base rates where the scheduler can.
    virtual void restart() = 0;
    virtual bool can_restart() const { return true; } ///< false: it can only stand first
};

} // namespace leyden
