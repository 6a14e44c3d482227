// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option.h"

#include <string>
#include <vector>

namespace leyden {

/// The JSON Schema of one option: the standard keywords, and beside them x-group, x-tier, x-unit,
/// x-details, x-depends, x-path, x-available. Components are references into #/$defs.
LEYDEN_API Json option_schema(const Option& option);

/// The JSON Schema of an object with these options, in their order.
LEYDEN_API Json object_schema(const std::vector<Option>& options);

} // namespace leyden
