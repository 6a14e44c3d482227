// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/core/state_tree.h"

#include <string>

namespace leyden {

/// Hyper-parameters as PyYAML's block style writes them: keys sorted, lists as "- item" lines.
LEYDEN_API std::string hparams_yaml(const StateTree& hparams);

} // namespace leyden
