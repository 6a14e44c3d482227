// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace leyden::headless {

struct NewConfigArguments
{
    std::string table;
    std::string target; ///< "": guess it
};

/// Prints a run config for a table, and each guess as a line on standard error. Returns the exit
/// code. Throws: DataError for a table that cannot be read or learned from, MisconfigurationError
/// for a target that it does not have.
int new_config(const NewConfigArguments& arguments);

} // namespace leyden::headless
