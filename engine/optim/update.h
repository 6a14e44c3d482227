// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/written_number.h"
#include "engine/optim/optimizer.h"

#include <ATen/ScalarOps.h>
#include <ATen/core/LegacyTypeDispatch.h>

#include <optional>
#include <string_view>
#include <utility>

namespace leyden {

/// While it lives, operations go straight to their kernels, past autograd and the counting of
/// versions: a third of the time of an operation on a small tensor. What it writes and a backward
/// may have saved has to be marked.
using DirectKernels = at::AutoDispatchBelowADInplaceOrView;

/// Counts a write, so that a backward that still needs the old value is refused.
inline void mark_written(const at::Tensor& param)
{
    param.unsafeGetTensorImpl()->bump_version();
}

/// tensor *= factor as Python has it. mul_ with a number, which no Python code reaches, multiplies
/// the number by the tensor and so rounds it to the tensor's dtype first, which in 16 bits shows.
inline const at::Tensor& scale_(const at::Tensor& tensor, double factor)
{
    tensor.mul_(at::native::wrapped_scalar_tensor(factor));
    return tensor;
}

inline double number(const ParamGroup& group, std::string_view name)
{
    return group.options.at(name).to_double();
}

inline std::pair<double, double> pair(const ParamGroup& group, std::string_view name)
{
    const auto& values = group.options.at(name);
    return {values[0].to_double(), values[1].to_double()};
}

inline bool flag(const ParamGroup& group, std::string_view name)
{
    return group.options.at(name).to_bool();
}

/// As a group holds it: Python's int where no decimal point was written.
inline StateTree as_written(const WrittenNumber& value)
{
    return value.is_whole() ? StateTree(static_cast<int64_t>(value))
                            : StateTree(static_cast<double>(value));
}

inline StateTree optional_flag(const std::optional<bool>& value)
{
    return value ? StateTree(*value) : StateTree();
}

} // namespace leyden
