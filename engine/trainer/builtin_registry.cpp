// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/trainer/builtin_registry.h"

#include "engine/callbacks/register_callbacks.h"
#include "engine/data/register_data.h"
#include "engine/loggers/register_loggers.h"
#include "engine/models/register_models.h"
#include "engine/optim/register_optimizers.h"
#include "engine/precision/register_precisions.h"
#include "engine/profilers/register_profilers.h"
#include "engine/trainer/slurm_options.h"
#include "engine/tuner/register_tuner.h"

namespace leyden {

Registry builtin_registry()
{
    Registry registry;
    register_models(registry);
    register_data(registry);
    register_optimizers(registry);
    register_callbacks(registry);
    register_loggers(registry);
    register_precisions(registry);
    register_environments(registry);
    register_profilers(registry);
    register_tuner(registry);
    return registry;
}

} // namespace leyden
