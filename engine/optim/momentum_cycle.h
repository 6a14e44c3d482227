// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/optim/optimizer.h"

#include <vector>

namespace leyden {

/// Whether the groups have betas (Adam's) rather than a momentum (SGD's).
/// Throws: MisconfigurationError, naming the scheduler, where they have neither.
bool uses_beta1(const Optimizer& optimizer, const char* scheduler);

/// Sets the group's momentum, or the first of its betas.
void set_momentum(ParamGroup& group, double momentum);

/// Writes each group's largest momentum, which is its first, and the smallest one to its options.
void note_momentums(Optimizer& optimizer, const std::vector<double>& base_momentums,
    const std::vector<double>& max_momentums);

} // namespace leyden
