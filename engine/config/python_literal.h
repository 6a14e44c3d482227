// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace leyden {

/// A Python literal as JSON: None, True, numbers, texts in quotes, lists, tuples (as lists), dicts
/// with texts as keys. Nothing where the text is no such literal: Lightning then takes it as it is.
LEYDEN_API std::optional<Json> parse_python_literal(std::string_view text);

} // namespace leyden
