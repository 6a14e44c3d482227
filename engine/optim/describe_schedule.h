// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <nlohmann/json.hpp>

namespace leyden {

/// The argument that all of PyTorch's schedulers end with.
template <class Options> void describe_last_epoch(OptionTable<Options>& table)
{
    table.add("last_epoch", &Options::last_epoch, "Where to go on; -1 starts anew")
        .advanced()
        .not_yet();
}

} // namespace leyden
