// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leyden {

struct YamlValue;
using YamlNode = std::shared_ptr<const YamlValue>; ///< aliases share what they stand for

/// A key of a map, and its value.
struct YamlEntry
{
    std::string key;
    int line = 1;
    bool is_plain = true; ///< the key has no quotes
    YamlNode value;
};

/// One value of a YAML text as it is written: the type of a plain scalar depends on the option that
/// it is for, so it stays text. Aliases and merge keys are resolved.
struct YamlValue
{
    enum class Kind { Scalar, List, Map };
    enum class Type { Open, Text, Null, Bool, Int, Float }; ///< Open: the option decides

    Kind kind = Kind::Scalar;
    Type type = Type::Open;
    std::string text;
    std::vector<YamlNode> items;
    std::vector<YamlEntry> entries;
    int line = 1;
    int depth = 0; ///< lists and maps inside each other
    // With each alias written out:
    std::size_t values = 1; ///< it and all below it
    std::size_t bytes = 0;  ///< of their texts
};

/// What parse_yaml() found: the document, or why there is none, e.g. "line 3, column 7: not valid
/// YAML, a '[' is not closed".
struct YamlText
{
    YamlNode document; ///< null where there is none
    std::string problem;
};

/// Reads YAML text. Refused beside what the grammar refuses: duplicate keys, keys that are lists or
/// maps, deeper nesting than max_json_depth, several documents, tags of other types than JSON's,
/// aliases of what is still open, more than 250,000 values or 16 MiB of texts (with each alias
/// written out), text that is not UTF-8. Never throws.
LEYDEN_API YamlText parse_yaml(std::string_view text);

/// Whether this build can read YAML; else parse_yaml() says why not.
LEYDEN_API bool can_read_yaml();

} // namespace leyden
