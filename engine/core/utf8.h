// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string_view>

namespace leyden {

/// Whether bytes are UTF-8 as the Unicode standard defines it (no surrogates, shortest forms).
LEYDEN_API bool is_utf8(std::string_view bytes);

} // namespace leyden
