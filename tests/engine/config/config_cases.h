// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/json.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace leyden::test {

/// A run config over the made-up components, and what our parser has to say of it.
struct ConfigCase
{
    std::string name;
    Json document;
    std::string pointer;        ///< of the one problem; "-" where the config is good
    std::string says;           ///< what its message contains
    bool schema_can_say = true; ///< whether JSON Schema can tell it too
};

/// A good config that is as short as can be.
Json smallest_config();

/// The smallest config with one value at a JSON pointer.
Json config_with(const std::string& pointer, const std::string& json_text);

/// Good and bad configs, each with one thing that matters.
std::vector<ConfigCase> config_cases();

} // namespace leyden::test
