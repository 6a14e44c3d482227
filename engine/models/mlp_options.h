// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"
#include "engine/core/export.h"

#include <cstdint>
#include <vector>

namespace leyden {

enum class Activation { ReLU, Tanh, GELU, Sigmoid, SiLU };

/// What the shipped multilayer perceptron can be told; the data gives the rest.
struct MLPOptions
{
    std::vector<int64_t> hidden_sizes = {128, 64}; ///< each >= 1; none: a linear model
    Activation activation = Activation::ReLU;
    double dropout = 0.0; ///< share of activations dropped in training, [0, 1)
    bool batch_norm = false;
};

LEYDEN_API void describe(OptionTable<MLPOptions>& table);

} // namespace leyden
