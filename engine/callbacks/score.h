// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

namespace leyden {

struct LoggedValue;

/// A monitored value, and the dtype of the tensor that checkpoints keep of it.
struct Score
{
    double value = 0.0;
    c10::ScalarType dtype = c10::kFloat;

    static Score of(const at::Tensor& tensor);
    static Score of(const LoggedValue& logged); ///< synchronises where the value is on another
                                                ///< device

    at::Tensor tensor() const; ///< [], on the CPU
    /// value - number, as a tensor of this dtype subtracts.
    double minus(double number) const;
    /// A number as a tensor of this dtype is compared with it.
    double rounded(double number) const;
};

} // namespace leyden
