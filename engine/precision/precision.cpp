// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/precision.h"

#include "engine/core/nested.h"
#include "engine/trainer/trainer_plan.h"

#include <c10/core/DefaultDtype.h>
#include <torch/nn/module.h>
#include <torch/types.h>

namespace leyden {

Precision::~Precision() = default;

std::unique_ptr<Precision> Precision::make(PrecisionKind kind)
{
    if (kind == PrecisionKind::Float64True)
        return std::make_unique<DoublePrecision>();
    return std::make_unique<Precision>();
}

at::Tensor Precision::optimizer_step(Optimizer& optimizer, const Closure& closure) const
{
    return optimizer.step(closure);
}

void DoublePrecision::convert_module(torch::nn::Module& module) const
{
    // Module::to(dtype) would convert integer buffers too.
    const auto convert = [](at::Tensor& tensor) {
        if (tensor.defined() && tensor.is_floating_point())
            tensor.set_data(tensor.to(at::kDouble));
    };
    for (auto& parameter : module.parameters())
        convert(parameter);
    for (auto& buffer : module.buffers())
        convert(buffer);
}

Batch DoublePrecision::convert_input(Batch batch) const
{
    return map_tensors(std::move(batch), [](const at::Tensor& tensor) {
        return tensor.is_floating_point() ? tensor.to(at::kDouble) : tensor;
    });
}

DefaultDtypeGuard::DefaultDtypeGuard(c10::ScalarType dtype)
{
    previous_ = c10::get_default_dtype_as_scalartype();
    changed_ = previous_ != dtype;
    if (changed_)
        c10::set_default_dtype(c10::scalarTypeToTypeMeta(dtype));
}

DefaultDtypeGuard::~DefaultDtypeGuard()
{
    if (changed_)
        c10::set_default_dtype(c10::scalarTypeToTypeMeta(previous_));
}

} // namespace leyden
