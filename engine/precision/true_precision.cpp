// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/precision/true_precision.h"

#include "engine/core/lightning_module.h"
#include "engine/core/nested.h"
#include "engine/metrics/metric.h"

namespace leyden {
namespace {

/// Module::to(dtype) would convert integer buffers too.
void convert_tensors(torch::nn::Module& module, c10::ScalarType dtype)
{
    const auto convert = [dtype](at::Tensor& tensor) {
        if (tensor.defined() && tensor.is_floating_point() && tensor.scalar_type() != dtype)
            tensor.set_data(tensor.to(dtype));
    };
    for (auto& parameter : module.parameters()) {
        auto gradient = parameter.grad();
        if (gradient.defined() && gradient.scalar_type() != dtype)
            parameter.mutable_grad().reset(); // of the other dtype it would be refused
        convert(parameter);
        if (gradient.defined())
            parameter.mutable_grad() = gradient.to(dtype);
    }
    for (auto& buffer : module.buffers())
        convert(buffer);
}

Batch convert_batch(Batch batch, c10::ScalarType dtype)
{
    return map_tensors(std::move(batch), [dtype](const at::Tensor& tensor) {
        return tensor.is_floating_point() ? tensor.to(dtype) : tensor;
    });
}

} // namespace

HalfPrecision::HalfPrecision(c10::ScalarType dtype) : dtype_(dtype)
{
    forward_.default_dtype = dtype;
}

std::string HalfPrecision::name() const
{
    return dtype_ == at::kHalf ? "16-true" : "bf16-true";
}

void HalfPrecision::convert_module(LightningModule& module) const
{
    convert_tensors(module, dtype_);
    for (const auto& [name, metric] : module.registered_metrics())
        metric->convert(dtype_);
}

Batch HalfPrecision::convert_input(Batch batch) const
{
    return convert_batch(std::move(batch), dtype_);
}

void DoublePrecision::convert_module(LightningModule& module) const
{
    convert_tensors(module, at::kDouble);
}

Batch DoublePrecision::convert_input(Batch batch) const
{
    return convert_batch(std::move(batch), at::kDouble);
}

} // namespace leyden
