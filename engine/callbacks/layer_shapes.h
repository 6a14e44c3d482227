// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace torch::nn {
class Module;
}

namespace leyden {

/// What a layer did in a forward pass.
struct LayerShape
{
    std::string in_size; ///< "[1, 4]", or a list of such; empty: not known
    std::string out_size;
    int64_t flops = 0; ///< of its products and convolutions, 2 a multiply-add
};

struct ForwardShapes
{
    std::map<const torch::nn::Module*, LayerShape> layers; ///< of the layers that ran
    int64_t flops = 0;                                     ///< of the whole pass
};

/// Runs `forward` and notes what its operations say of the layers below `module`.
///
/// C++ modules have no hooks, so a layer is known by the operations that use its parameters, a
/// layer without parameters by the operation of its kind that comes next in the order of the
/// layers, and a container by the first and the last of its layers. What cannot be told that way is
/// left out.
ForwardShapes observe_forward(
    const torch::nn::Module& module, const std::function<void()>& forward);

} // namespace leyden
