// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/loops/module_mode.h"

#include <torch/nn/module.h>

namespace leyden {

ModuleMode::ModuleMode(torch::nn::Module& module)
{
    modes_.emplace_back(&module, module.is_training()); // apart: it need not live in a shared_ptr
    for (const auto& submodule : module.modules(/*include_self=*/false))
        modes_.emplace_back(submodule.get(), submodule->is_training());
}

void ModuleMode::restore() const
{
    // train() goes down the tree: parents come first in modules(), so children get their own mode
    // last.
    for (const auto& [submodule, is_training] : modes_)
        submodule->train(is_training);
}

} // namespace leyden
