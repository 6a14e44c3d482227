// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tuner/register_tuner.h"

#include "engine/core/factories.h"
#include "engine/tuner/batch_size_finder.h"
#include "engine/tuner/learning_rate_finder.h"

namespace leyden {
namespace {

template <class Component, class Options> CallbackFactory factory()
{
    return options_factory<CallbackFactory, Options>(
        [](Options options) -> std::unique_ptr<Callback> {
            return std::make_unique<Component>(std::move(options));
        });
}

} // namespace

void register_tuner(Registry& registry)
{
    registry.add<BatchSizeFinderOptions>(ComponentKind::Callback, "BatchSizeFinder",
        "Finds the largest batch size that fits into memory, and starts the run with it",
        factory<BatchSizeFinder, BatchSizeFinderOptions>());
    registry.add<LearningRateFinderOptions>(ComponentKind::Callback, "LearningRateFinder",
        "Finds a learning rate, and starts the fit with it",
        factory<LearningRateFinder, LearningRateFinderOptions>());
}

} // namespace leyden
