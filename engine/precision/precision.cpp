// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/precision.h"

#include "engine/core/errors.h"
#include "engine/precision/mixed_precision.h"
#include "engine/precision/true_precision.h"
#include "engine/trainer/trainer_plan.h"

namespace leyden {

Precision::~Precision() = default;

std::unique_ptr<Precision> Precision::make(PrecisionKind kind, c10::DeviceType device)
{
    switch (kind) {
    case PrecisionKind::Float32True:
        return std::make_unique<Precision>();
    case PrecisionKind::Float64True:
        return std::make_unique<DoublePrecision>();
    case PrecisionKind::Float16True:
        return std::make_unique<HalfPrecision>(at::kHalf);
    case PrecisionKind::BFloat16True:
        return std::make_unique<HalfPrecision>(at::kBFloat16);
    case PrecisionKind::BFloat16Mixed:
        return std::make_unique<MixedPrecision>(device);
    case PrecisionKind::Float16Mixed:
        if (device == c10::kCPU)
            return std::make_unique<MixedPrecision>(device);
        return std::make_unique<MixedPrecision>(device, GradScalerOptions{});
    }
    LEYDEN_ASSERT(false);
    return nullptr;
}

at::Tensor Precision::optimizer_step(Optimizer& optimizer, const LightningModule&,
    const Closure& closure, const std::function<void()>& after_closure)
{
    return optimizer.step([&] {
        auto loss = closure();
        after_closure();
        return loss;
    });
}

} // namespace leyden
