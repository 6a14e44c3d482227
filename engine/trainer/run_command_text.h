// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"
#include "engine/trainer/run_control.h"

#include <string>

namespace leyden {

/// What a command asks for, in words: "lr = 0.001", "the checkpoint by hand".
LEYDEN_API std::string command_text(const RunCommand& command);

/// A sentence for one that could not be carried out any more. `why`: "training had ended".
LEYDEN_API std::string came_too_late(const RunCommand& command, const std::string& why);

} // namespace leyden
