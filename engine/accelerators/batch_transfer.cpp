// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/accelerators/batch_transfer.h"

#include "engine/core/nested.h"

namespace leyden {

Batch move_to_device(Batch batch, c10::Device target)
{
    const auto is_elsewhere
        = [&](const at::Tensor& tensor) { return tensor.defined() && tensor.device() != target; };
    if (!any_tensor(batch, is_elsewhere))
        return batch;
    // To the CPU the caller would read what has not arrived yet.
    const bool non_blocking = !target.is_cpu() && !target.is_mps();
    return map_tensors(std::move(batch), [&](const at::Tensor& tensor) {
        return is_elsewhere(tensor) ? tensor.to(target, non_blocking) : tensor;
    });
}

} // namespace leyden
