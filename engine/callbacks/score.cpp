// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/callbacks/score.h"

#include "engine/trainer/metric_dict.h"

#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sub.h>

namespace leyden {

Score Score::of(const at::Tensor& tensor)
{
    return {tensor.item<double>(), tensor.scalar_type()};
}

Score Score::of(const LoggedValue& logged)
{
    if (logged.device.defined())
        return of(logged.device);
    return {logged.number, logged.is_float64 ? c10::kDouble : c10::kFloat};
}

at::Tensor Score::tensor() const
{
    return at::scalar_tensor(value, dtype);
}

double Score::minus(double number) const
{
    return at::sub(tensor(), number).item<double>();
}

double Score::rounded(double number) const
{
    return at::scalar_tensor(number, dtype).item<double>();
}

} // namespace leyden
