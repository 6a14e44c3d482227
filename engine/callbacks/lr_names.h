// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <memory>
#include <string>
#include <vector>

namespace leyden {

class Optimizer;
struct LRSchedulerConfig;

/// An optimizer and what its groups are called in the logs.
struct NamedGroups
{
    const Optimizer* optimizer = nullptr;
    std::string interval;           ///< of the scheduler; empty: there is none
    std::vector<std::string> names; ///< one a group
};

/// First one entry a scheduler, then one for each optimizer that no scheduler has.
/// Throws MisconfigurationError where two groups of an optimizer have the same name.
LEYDEN_API std::vector<NamedGroups> lr_names(const std::vector<LRSchedulerConfig>& schedulers,
    const std::vector<std::shared_ptr<Optimizer>>& optimizers);

} // namespace leyden
