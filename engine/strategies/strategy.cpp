// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/strategies/strategy.h"

#include "engine/core/lightning_module.h"

namespace leyden {

Strategy::~Strategy() = default;

SingleDeviceStrategy::SingleDeviceStrategy(
    Accelerator accelerator, std::unique_ptr<Precision> precision)
    : accelerator_(std::move(accelerator)), precision_(std::move(precision))
{
}

void SingleDeviceStrategy::setup(LightningModule& module)
{
    precision_->convert_module(module);
    if (accelerator_.device.type() != c10::kCPU)
        module.to(accelerator_.device);
}

void SingleDeviceStrategy::teardown(LightningModule& module)
{
    if (accelerator_.device.type() != c10::kCPU)
        module.to(c10::Device(c10::kCPU));
}

void SingleDeviceStrategy::backward(
    LightningModule& module, const at::Tensor& loss, const BackwardOptions& options)
{
    module.backward(loss, options);
}

at::Tensor SingleDeviceStrategy::optimizer_step(Optimizer& optimizer, const LightningModule& module,
    const Closure& closure, const std::function<void()>& after_closure)
{
    return precision_->optimizer_step(optimizer, module, closure, after_closure);
}

} // namespace leyden
