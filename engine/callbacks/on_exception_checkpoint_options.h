// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/config/option_table.h"

#include <string>

namespace leyden {

/// Source: PyTorch Lightning 2.6, callbacks/on_exception_checkpoint.py.
struct OnExceptionCheckpointOptions
{
    std::string dirpath{};                 ///< folder; not empty
    std::string filename = "on_exception"; ///< without ".ckpt"; not empty
};

void describe(OptionTable<OnExceptionCheckpointOptions>& table);

} // namespace leyden
