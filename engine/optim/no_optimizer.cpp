// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/optim/no_optimizer.h"

#include <ATen/ops/zeros.h>

namespace leyden {

NoOptimizer::NoOptimizer()
    : Optimizer({ParamGroup{.params = {at::zeros({1})}, .lr = 0.0, .options = StateTree::dict()}})
{
}

} // namespace leyden
