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
/// Unknown names are a whole 0. Formats are Python's for int and float; "{{" outside of fields and
/// "}}" are braces. A "/" in what is inserted becomes "_".
/// Throws: MisconfigurationError for what Python would refuse: a format that does not fit the
///         value, a field without a name, a brace that is alone.
LEYDEN_API std::string format_checkpoint_name(
    std::string pattern, const std::vector<NameValue>& values, bool auto_insert_metric_name);

/// Refuses a name that cannot be a file's, or that would be taken for another: a part longer than 240
/// bytes (".ckpt" and a version follow), control characters, "averaged" (the averaged weights').
/// pattern: what it was made of, for the message.
/// Throws: MisconfigurationError.
LEYDEN_API void check_checkpoint_name(const std::string& pattern, const std::string& name);

/// The names that a template asks for and `values` lacks.
LEYDEN_API std::vector<std::string> names_in_template(
    const std::string& pattern, const std::vector<NameValue>& values);

} // namespace leyden
