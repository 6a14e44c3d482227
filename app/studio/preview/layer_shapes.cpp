// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/layer_shapes.h"

#include "engine/callbacks/model_summary.h"
#include "engine/core/lightning_module.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>

namespace leyden::app {
namespace {

constexpr std::array<std::string_view, 11> elementwise{"BatchNorm1d", "Dropout", "ELU", "GELU",
    "Identity", "LayerNorm", "LeakyReLU", "ReLU", "SiLU", "Sigmoid", "Tanh"};

/// Width behind a layer of which this is known, else nothing.
std::optional<int64_t> widthAfter(
    const LayerSummary& layer, const LightningModule& module, int64_t width)
{
    if (std::find(elementwise.begin(), elementwise.end(), layer.type) != elementwise.end())
        return width;
    if (layer.type != "Linear")
        return {};
    const auto parameters = module.named_parameters();
    const auto* weight = parameters.find(layer.name + ".weight");
    if (!weight || weight->dim() != 2 || weight->size(1) != width)
        return {};
    return weight->size(0);
}

} // namespace

std::vector<std::string> layerShapes(const LightningModule& module, const ModuleSummary& summary,
    const std::vector<int64_t>& featureShape)
{
    const auto& layers = summary.layers;
    std::vector<std::string> shapes(layers.size());
    std::optional<int64_t> width = std::accumulate(
        featureShape.begin(), featureShape.end(), int64_t(1), std::multiplies<>());
    for (size_t i = 0; i < layers.size() && width; ++i) {
        const auto prefix = layers[i].name + ".";
        if (i + 1 < layers.size() && layers[i + 1].name.starts_with(prefix))
            continue; // a container: named after its last layer, below
        width = widthAfter(layers[i], module, *width);
        if (width)
            shapes[i] = "[N, " + std::to_string(*width) + "]";
    }
    for (size_t i = layers.size(); i-- > 0;) {
        const auto prefix = layers[i].name + ".";
        if (layers[i].type != "Sequential")
            continue;
        for (size_t inner = i + 1; inner < layers.size() && layers[inner].name.starts_with(prefix);
            ++inner)
            shapes[i] = shapes[inner];
    }
    return shapes;
}

} // namespace leyden::app
