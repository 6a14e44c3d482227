// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace torch::nn {
class Module;
}

namespace leyden {

/// New first values of a layer's parameters, drawn on the CPU from the default generator by its
/// reset_parameters(), by name; the layer keeps those it has. Empty for a kind of layer that has no
/// reset_parameters(): known are Linear, Bilinear, Embedding, the convolutions and the
/// normalizations.
std::map<std::string, at::Tensor> redrawn_parameters(torch::nn::Module& layer);

} // namespace leyden
