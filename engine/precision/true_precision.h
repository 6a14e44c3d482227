// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/precision/precision.h"

namespace leyden {

/// 16-true, bf16-true: floating-point parameters, buffers, states of metrics and inputs are
/// converted, and new tensors in a step have that dtype. Integers stay. No scaler.
///
/// Source: PyTorch Lightning 2.6, plugins/precision/half.py.
class LEYDEN_API HalfPrecision final : public Precision
{
public:
    explicit HalfPrecision(c10::ScalarType dtype); ///< kHalf or kBFloat16

    std::string name() const override;
    const char* class_name() const override { return "HalfPrecision"; }
    void convert_module(LightningModule& module) const override;
    Batch convert_input(Batch batch) const override;

private:
    c10::ScalarType dtype_;
};

/// 64-true: the same with float64. States of metrics stay as they are, as torchmetrics has it.
///
/// Source: PyTorch Lightning 2.6, plugins/precision/double.py.
class LEYDEN_API DoublePrecision final : public Precision
{
public:
    DoublePrecision() { forward_.default_dtype = c10::kDouble; }

    std::string name() const override { return "64-true"; }
    const char* class_name() const override { return "DoublePrecision"; }
    void convert_module(LightningModule& module) const override;
    Batch convert_input(Batch batch) const override;
};

} // namespace leyden
