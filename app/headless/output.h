// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/trainer/run_printer.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace leyden::headless {

/// How the command talks: results to standard output, everything else to standard error.
using Style = PrintStyle;

/// Colours where standard error is a terminal and neither --no_color nor NO_COLOR says otherwise.
Style make_style(bool quiet, bool verbose, bool no_color);

void print(std::string_view text); ///< to standard output, with a line end
/// Why standard output could not be written, e.g. "No space left on device"; empty: all of it was.
std::string output_failure();
/// Whether a file can go to where --output names it. Before the work is done, not after it.
/// Throws: MisconfigurationError.
void check_output(const std::filesystem::path& file);
void tell(std::string_view text); ///< to standard error, with a line end
void tell_error(const Style& style, std::string_view text);
void tell_warning(const Style& style, std::string_view text);

} // namespace leyden::headless
