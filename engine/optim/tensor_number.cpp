// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/tensor_number.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/le.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/sub.h>

#include <cmath>

namespace leyden {

double TensorNumber::to_double() const
{
    return is_tensor() ? tensor().item<double>() : std::get<double>(value_);
}

TensorNumber operator+(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::add(a.tensor(), b.tensor());
    if (a.is_tensor())
        return at::add(a.tensor(), b.to_double());
    return b.is_tensor() ? TensorNumber(at::add(b.tensor(), a.to_double()))
                         : TensorNumber(a.to_double() + b.to_double());
}

TensorNumber operator-(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::sub(a.tensor(), b.tensor());
    if (a.is_tensor())
        return at::sub(a.tensor(), b.to_double());
    return b.is_tensor() ? TensorNumber(at::rsub(b.tensor(), a.to_double()))
                         : TensorNumber(a.to_double() - b.to_double());
}

TensorNumber operator*(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::mul(a.tensor(), b.tensor());
    if (a.is_tensor())
        return at::mul(a.tensor(), b.to_double());
    return b.is_tensor() ? TensorNumber(at::mul(b.tensor(), a.to_double()))
                         : TensorNumber(a.to_double() * b.to_double());
}

TensorNumber operator/(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::div(a.tensor(), b.tensor());
    if (a.is_tensor())
        return at::div(a.tensor(), b.to_double());
    return b.is_tensor() ? TensorNumber(at::reciprocal(b.tensor()).mul(a.to_double()))
                         : TensorNumber(a.to_double() / b.to_double());
}

bool operator<(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::lt(a.tensor(), b.tensor()).item<bool>();
    if (a.is_tensor())
        return at::lt(a.tensor(), b.to_double()).item<bool>();
    return b.is_tensor() ? at::gt(b.tensor(), a.to_double()).item<bool>()
                         : a.to_double() < b.to_double();
}

bool operator<=(const TensorNumber& a, const TensorNumber& b)
{
    if (a.is_tensor() && b.is_tensor())
        return at::le(a.tensor(), b.tensor()).item<bool>();
    if (a.is_tensor())
        return at::le(a.tensor(), b.to_double()).item<bool>();
    return b.is_tensor() ? at::ge(b.tensor(), a.to_double()).item<bool>()
                         : a.to_double() <= b.to_double();
}

TensorNumber abs(const TensorNumber& a)
{
    return a.is_tensor() ? TensorNumber(at::abs(a.tensor()))
                         : TensorNumber(std::abs(a.to_double()));
}

TensorNumber sqrt(const TensorNumber& a)
{
    return a.is_tensor() ? TensorNumber(at::sqrt(a.tensor()))
                         : TensorNumber(std::sqrt(a.to_double()));
}

TensorNumber min(const TensorNumber& a, const TensorNumber& b)
{
    return b < a ? b : a;
}

TensorNumber max(const TensorNumber& a, const TensorNumber& b)
{
    return a < b ? b : a;
}

} // namespace leyden
