// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <nlohmann/json.hpp>

namespace leyden {

/// Checks options that code filled in by the rules that a config's are checked by.
/// Throws MisconfigurationError with one line per problem.
template <class Options> void check_options(const Options& options)
{
    const auto set = options_of<Options>();
    auto init_args = Json::object();
    for (const auto& option : set.options)
        init_args[option.name] = option.get(&options);
    checked_init_args(set, init_args);
}

} // namespace leyden
