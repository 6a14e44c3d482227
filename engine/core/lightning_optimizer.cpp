// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/lightning_optimizer.h"

#include "engine/core/lightning_module.h"
#include "engine/loops/fit_loop.h"
#include "engine/strategies/strategy.h"
#include "engine/trainer/trainer.h"

namespace leyden {

ToggledOptimizer::ToggledOptimizer(LightningModule& module, Optimizer& optimizer, bool sync_grad)
    : module_(module), optimizer_(optimizer)
{
    module_.toggle_optimizer(optimizer_);
    if (!sync_grad)
        no_sync_ = std::make_unique<NoBackwardSync>(module_.trainer()->strategy());
}

ToggledOptimizer::~ToggledOptimizer()
{
    no_sync_.reset();
    module_.untoggle_optimizer(optimizer_);
}

LightningOptimizer::LightningOptimizer(Trainer& trainer, std::shared_ptr<Optimizer> optimizer)
    : trainer_(&trainer), optimizer_(std::move(optimizer))
{
}

at::Tensor LightningOptimizer::step(const Closure& closure)
{
    return trainer_->fit_loop().epoch_loop.manual_optimization.step(*optimizer_, closure);
}

ToggledOptimizer LightningOptimizer::toggle_model(bool sync_grad)
{
    return ToggledOptimizer(trainer_->lightning_module(), *optimizer_, sync_grad);
}

} // namespace leyden
