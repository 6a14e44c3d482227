// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace leyden {

/// Cuts a unit off the end of a number's text ("12 kg", "5km/h", "20 °C"), and the spaces before
/// it; returns the unit, or "" where there is none. A single letter counts only behind a space:
/// "5 m" is a length, "5A" may be a seat.
std::string_view take_unit(std::string_view& text);

} // namespace leyden
