// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"

#include <optional>
#include <string>

namespace leyden {

// How LightningCLI reads a plain scalar of YAML: as PyYAML does (YAML 1.1), but 1e-3 is a number.

/// "null", "Null", "NULL", "~" or nothing at all.
LEYDEN_API bool is_yaml_null(const std::string& text);

/// "yes", "no", "on", "off", "true", "false", in lower case, capitalized or in upper case.
LEYDEN_API std::optional<bool> yaml_bool(const std::string& text);

/// 12, -1, 1_000, 0x1F, 0b101, 017 and 0o17. Beyond 64 bits: a float, as in JSON. Differs: 12:30:00
/// is no number in base 60.
LEYDEN_API std::optional<Json> yaml_int(const std::string& text);

/// 1.5, 1e-3, 1., .5, 1_000.5; .inf and .nan as "Infinity" and "NaN". Whole numbers are none.
LEYDEN_API std::optional<Json> yaml_float(const std::string& text);

/// What the text is where nothing is known of its place: null, a switch, a number, else text.
LEYDEN_API Json yaml_guess(const std::string& text);

} // namespace leyden
