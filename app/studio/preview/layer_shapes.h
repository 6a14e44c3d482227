// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace leyden {
class LightningModule;
struct ModuleSummary;
} // namespace leyden

namespace leyden::app {

/// "[N, 64]" for each layer of the summary whose output can be told without running the model: a
/// chain of linear layers and what works element by element, from flat inputs. "" for the others.
std::vector<std::string> layerShapes(const LightningModule& module, const ModuleSummary& summary,
    const std::vector<int64_t>& featureShape);

} // namespace leyden::app
