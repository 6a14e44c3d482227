// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace leyden {

class Trainer;

/// Tells once of a loss that is NaN or infinite, and names the first layer with such values.
class NonFiniteWatch
{
public:
    /// Whether this loss is the first such one. On a CPU only: elsewhere it would cost a
    /// synchronisation.
    bool is_first(const at::Tensor& loss) const;
    void report(Trainer& trainer); ///< once the gradients are there, to name the layer

private:
    bool has_told_ = false;
};

} // namespace leyden
