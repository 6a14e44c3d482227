// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <vector>

namespace leyden {

/// Memory for copies of a state, used again from one to the next, so that a copy costs no more than
/// moving the bytes.
class LEYDEN_API StateSnapshot
{
public:
    /// The same tree with tensors in this object's memory, on the CPU: each storage's used part
    /// once, shared as before, so that the file written from it has the bytes of one written from
    /// `state`. The next take() overwrites them.
    /// Throws: CheckpointError naming the entry that no checkpoint can hold; what an allocation
    ///         throws.
    StateTree take(const StateTree& state);

private:
    std::vector<at::Tensor> buffers_; ///< 1-dim, one a storage
};

} // namespace leyden
