// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/core/export.h"
#include "engine/core/utf8.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace leyden {

inline constexpr int max_json_depth = 64; ///< lists and objects inside each other

/// What parse_json() found: the document, or why there is none, e.g. "line 3, column 7: unexpected
/// '}'".
struct JsonText
{
    Json document;
    std::string problem; ///< "" if all is well
};

/// Reads JSON text. Refused beside what the grammar refuses: duplicate keys, deeper nesting than
/// max_json_depth, text that is not UTF-8, numbers beyond a double. Never throws.
LEYDEN_API JsonText parse_json(std::string_view text);

/// "line 3, column 7" of a byte of the text. Columns count characters.
LEYDEN_API std::string text_place(std::string_view text, std::size_t offset);

/// Whether lists and objects stand inside each other more than max_json_depth times.
LEYDEN_API bool is_too_deep(const Json& json);

/// A value for a message: its JSON, shortened; bytes that are no UTF-8 are replaced.
LEYDEN_API std::string shown(const Json& json);

/// Values for a message: `"a", "b" or "c"`.
LEYDEN_API std::string shown_list(const std::vector<Json>& values);

} // namespace leyden
