// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <utility>
#include <vector>

namespace leyden {

/// A value that a file name template may hold.
struct NameValue
{
    std::string name;
    double value = 0.0;
    bool is_integer = false;
};

/// Fills "{epoch}-{val_loss:.2f}": each field becomes the value, or "name=value" with auto_insert.
/// Unknown names are 0. Formats are Python's for numbers (d, f, e, g, %, width, 0, precision).
/// Throws: MisconfigurationError for a format that Python would refuse, or a brace that is not
///         closed.
LEYDEN_API std::string format_checkpoint_name(
    std::string pattern, const std::vector<NameValue>& values, bool auto_insert_metric_name);

} // namespace leyden
