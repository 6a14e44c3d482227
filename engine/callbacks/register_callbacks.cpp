// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/register_callbacks.h"

#include "engine/callbacks/early_stopping.h"
#include "engine/callbacks/model_checkpoint.h"
#include "engine/core/factories.h"

namespace leyden {
namespace {

template <class Component, class Options> CallbackFactory factory()
{
    return options_factory<CallbackFactory, Options>(
        [](Options options) -> std::unique_ptr<Callback> { return std::make_unique<Component>(std::move(options)); });
}

} // namespace

void register_callbacks(Registry& registry)
{
    registry.add<EarlyStoppingOptions>(ComponentKind::Callback, "EarlyStopping",
        "Stops the run when a metric no longer improves", factory<EarlyStopping, EarlyStoppingOptions>());
    registry.add<ModelCheckpointOptions>(ComponentKind::Callback, "ModelCheckpoint",
        "Saves the best, the newest or all states of the run", factory<ModelCheckpoint, ModelCheckpointOptions>());
}

} // namespace leyden
