// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <variant>

namespace leyden {

/// A number that Python would hold as a float or as a [] tensor. Arithmetic with a tensor rounds to
/// its dtype, so that a line search takes the very steps that PyTorch's takes.
class TensorNumber
{
public:
    TensorNumber(double value = 0) : value_(value) { }
    TensorNumber(at::Tensor value) : value_(std::move(value)) { }

    bool is_tensor() const { return std::holds_alternative<at::Tensor>(value_); }
    const at::Tensor& tensor() const { return std::get<at::Tensor>(value_); }
    double to_double() const;

private:
    std::variant<double, at::Tensor> value_;
};

TensorNumber operator+(const TensorNumber& a, const TensorNumber& b);
TensorNumber operator-(const TensorNumber& a, const TensorNumber& b);
TensorNumber operator*(const TensorNumber& a, const TensorNumber& b);
TensorNumber operator/(const TensorNumber& a, const TensorNumber& b);
bool operator<(const TensorNumber& a, const TensorNumber& b);
bool operator<=(const TensorNumber& a, const TensorNumber& b);
TensorNumber abs(const TensorNumber& a);
TensorNumber sqrt(const TensorNumber& a);
TensorNumber min(const TensorNumber& a, const TensorNumber& b); ///< a where neither is smaller
TensorNumber max(const TensorNumber& a, const TensorNumber& b); ///< a where neither is larger

} // namespace leyden
