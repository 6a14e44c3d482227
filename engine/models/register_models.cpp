// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/register_models.h"

#include "engine/core/factories.h"
#include "engine/models/mlp.h"

#include <nlohmann/json.hpp>

namespace leyden {

void register_models(Registry& registry)
{
    registry.add<MLPOptions>(ComponentKind::Model, "MLP",
        "Multilayer perceptron for tables and small images",
        options_factory<ModelFactory, MLPOptions>([](MLPOptions options, const DataSpec& spec) {
            return std::make_shared<MLP>(std::move(options), spec);
        }));
}

} // namespace leyden
