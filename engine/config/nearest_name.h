// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/export.h"

#include <string>
#include <vector>

namespace leyden {

/// The known name that a mistyped one most likely meant, "" if none is close. Case does not count.
LEYDEN_API std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

/// `; did you mean "..."?`, or "" if none is close.
LEYDEN_API std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

/// ASCII letters in lower case.
LEYDEN_API std::string lower_case(std::string text);

} // namespace leyden
