// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>
#include <vector>

namespace torch::nn {
class Module;
}

namespace leyden {

/// Remembers each submodule's train or eval mode, so that a frozen one stays frozen after an
/// evaluation.
class ModuleMode
{
public:
    explicit ModuleMode(torch::nn::Module& module);
    void restore() const;

private:
    std::vector<std::pair<torch::nn::Module*, bool>> modes_;
};

} // namespace leyden
