// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/callbacks/callback.h"

namespace leyden {

/// A callback that looks for a setting before the run begins. The Trainer calls find() ahead of the
/// first start hook: on_fit_start, or that of an evaluation.
class LEYDEN_API TunerCallback : public Callback
{
public:
    bool is_tuner() const override { return true; }
    virtual void find(Trainer& trainer, LightningModule& module) = 0;

    bool exits = false; ///< the run ends once the setting is found, as the Tuner wants it
};

void run_tuners(Trainer& trainer); ///< find() of each that the Trainer has

} // namespace leyden
