// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace leyden {

/// JSON whose objects keep the order in which keys were written, as people expect of a config.
using Json = nlohmann::ordered_json;

} // namespace leyden
