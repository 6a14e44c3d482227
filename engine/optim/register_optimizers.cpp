// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/register_optimizers.h"

#include "engine/core/factories.h"
#include "engine/optim/adam.h"
#include "engine/optim/cosine_annealing_lr.h"
#include "engine/optim/sgd.h"
#include "engine/optim/step_lr.h"

#include <nlohmann/json.hpp>

namespace leyden {

namespace {

template <class Made, class Options> OptimizerFactory optimizer_factory()
{
    return options_factory<OptimizerFactory, Options>(
        [](const Options& options, const NamedParameters& parameters) {
            std::vector<at::Tensor> params;
            for (const auto& [name, param] : parameters)
                params.push_back(param);
            return std::make_shared<Made>(std::move(params), options);
        });
}

template <class Made, class Options> LRSchedulerFactory scheduler_factory()
{
    return options_factory<LRSchedulerFactory, Options>(
        [](const Options& options, Optimizer& optimizer) {
            return std::make_shared<Made>(optimizer, options);
        });
}

} // namespace

void register_optimizers(Registry& registry)
{
    registry.add<SGDOptions>(ComponentKind::Optimizer, "SGD",
        "Stochastic gradient descent, optionally with momentum",
        optimizer_factory<SGD, SGDOptions>());
    registry.add<AdamOptions>(ComponentKind::Optimizer, "Adam",
        "Steps scaled by running means of gradient and square",
        optimizer_factory<Adam, AdamOptions>());
    registry.add<AdamWOptions>(ComponentKind::Optimizer, "AdamW",
        "Adam with decoupled weight decay", optimizer_factory<AdamW, AdamWOptions>());
    registry.add<StepLROptions>(ComponentKind::LRScheduler, "StepLR",
        "Multiplies the rate by a factor at fixed distances",
        scheduler_factory<StepLR, StepLROptions>());
    registry.add<CosineAnnealingLROptions>(ComponentKind::LRScheduler, "CosineAnnealingLR",
        "Lowers the rate along half a cosine",
        scheduler_factory<CosineAnnealingLR, CosineAnnealingLROptions>());
}

} // namespace leyden
