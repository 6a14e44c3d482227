// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <utility>
#include <vector>

namespace leyden {

/// Remembers each submodule's train or eval mode, so that a frozen one stays frozen after an evaluation.
class ModuleMode
{
public:
    explicit ModuleMode(torch::nn::Module& module)
    {
        modes_.emplace_back(&module, module.is_training()); // apart: it need not live in a shared_ptr
        for (const auto& submodule : module.modules(/*include_self=*/false))
            modes_.emplace_back(submodule.get(), submodule->is_training());
    }
    void restore() const
    {
        // train() goes down the tree: parents come first in modules(), so children get their own mode last.
        for (const auto& [submodule, is_training] : modes_)
            submodule->train(is_training);
    }

private:
    std::vector<std::pair<torch::nn::Module*, bool>> modes_;
};

} // namespace leyden
