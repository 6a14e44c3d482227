// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/data/data_loader.h"
#include "engine/optim/optimizer.h"

#include <c10/core/ScalarType.h>

#include <memory>
#include <string>

namespace torch::nn {
class Module;
}

namespace leyden {

enum class PrecisionKind;

/// The number formats of a run. The base is 32-true: nothing is converted.
/// Source: PyTorch Lightning 2.6, plugins/precision.
class LEYDEN_API Precision
{
public:
    virtual ~Precision();
    virtual std::string name() const { return "32-true"; }
    virtual void convert_module(torch::nn::Module&) const {}
    virtual Batch convert_input(Batch batch) const { return batch; }
    /// Default dtype for tensors made inside a step.
    virtual c10::ScalarType step_dtype() const { return c10::kFloat; }
    virtual at::Tensor optimizer_step(Optimizer& optimizer, const Closure& closure) const;

    static std::unique_ptr<Precision> make(PrecisionKind kind);
};

/// 64-true: floating-point parameters, buffers and inputs become float64; integers stay.
class LEYDEN_API DoublePrecision final : public Precision
{
public:
    std::string name() const override { return "64-true"; }
    void convert_module(torch::nn::Module& module) const override;
    Batch convert_input(Batch batch) const override;
    c10::ScalarType step_dtype() const override { return c10::kDouble; }
};

/// Sets the default dtype of new tensors for a scope.
class LEYDEN_API DefaultDtypeGuard
{
public:
    explicit DefaultDtypeGuard(c10::ScalarType dtype);
    ~DefaultDtypeGuard();
    DefaultDtypeGuard(const DefaultDtypeGuard&) = delete;
    DefaultDtypeGuard& operator=(const DefaultDtypeGuard&) = delete;

private:
    bool changed_ = false;
    c10::ScalarType previous_ = c10::kFloat;
};

} // namespace leyden
