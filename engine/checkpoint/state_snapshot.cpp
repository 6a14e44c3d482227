// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/state_snapshot.h"

#include "engine/checkpoint/tensor_records.h"

namespace leyden {

StateTree StateSnapshot::take(const StateTree& state)
{
    TensorRecords records;
    records.add(state);
    records.copy_to(buffers_);
    return state.with_tensors(
        [&](const at::Tensor& tensor) { return records.in(buffers_, tensor); });
}

} // namespace leyden
