// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace leyden::headless {

/// The command `leyden` (contract.md section 3); returns its exit code and never throws.
int run_command_line(int argc, const char* const* argv);

} // namespace leyden::headless
