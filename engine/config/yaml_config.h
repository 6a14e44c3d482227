// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"
#include "engine/config/option.h"
#include "engine/config/yaml_text.h"
#include "engine/core/export.h"

#include <map>
#include <string>
#include <vector>

namespace leyden {

class Registry;

/// JSON pointer -> line of the file that the value was read from.
using ConfigLines = std::map<std::string, int>;

/// What a config file holds, and where.
struct ConfigText
{
    Json document;
    ConfigLines lines; ///< empty where the file is JSON
};

/// A run config as JSON. The type of a plain scalar is what its option takes: 1e-3 a number where a
/// number is wanted, `no` a switch or a text, null nothing or a text. Where the place is no option,
/// it is what LightningCLI takes it for. Never throws.
LEYDEN_API ConfigText typed_config(const YamlNode& document, const Registry& registry);

/// The same of one value, whose option takes these.
LEYDEN_API Json typed_value(
    const YamlNode& value, const std::vector<ValueRule>& rules, const Registry& registry);

} // namespace leyden
