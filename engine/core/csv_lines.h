// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <string_view>
#include <vector>

namespace leyden {

/// A cell as Python's csv module writes it: quoted only where it must be.
LEYDEN_API std::string csv_quoted(std::string_view cell);

/// Cells line by line of a file of ours; an unfinished last line is left out.
LEYDEN_API std::vector<std::vector<std::string>> read_csv_lines(std::string_view text);

} // namespace leyden
