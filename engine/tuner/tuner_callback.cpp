// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/tuner_callback.h"

#include "engine/trainer/trainer.h"

namespace leyden {

void run_tuners(Trainer& trainer)
{
    // find() sets the list aside and puts it back.
    for (size_t i = 0; i < trainer.callbacks().size(); ++i) {
        if (auto* tuner = dynamic_cast<TunerCallback*>(trainer.callbacks()[i].get()))
            tuner->find(trainer, trainer.lightning_module());
    }
}

} // namespace leyden
