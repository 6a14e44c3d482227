// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/csv_units.h"

#include "engine/data/csv_spelling.h"

#include <algorithm>
#include <array>
#include <string>

namespace leyden {
namespace {

// Sorted by bytes; the case counts, for "Mb" and "mb" are two units and "No" is none.
constexpr auto units = std::to_array<std::string_view>({"A", "Ah", "BTU", "Bq", "C", "F", "GB",
    "GHz", "GJ", "GPa", "GW", "GWh", "Gbit/s", "Gbps", "GiB", "Gy", "H", "Hz", "IU", "J", "K", "KB",
    "KG", "KM", "Kg", "KiB", "Km", "L", "MB", "MHz", "MJ", "MPa", "MW", "MWh", "Mb", "Mb/s",
    "Mbit/s", "Mbps", "MiB", "N", "Nm", "Ns", "PB", "Pa", "Sv", "T", "TB", "TWh", "TiB", "V", "W",
    "Wh", "bar", "bhp", "bit", "bits", "bpm", "byte", "bytes", "cal", "cc", "ccm", "cl", "cm",
    "cm/s", "cm2", "cm3", "d", "dB", "day", "days", "dB(A)", "deg", "degC", "degF", "dl", "dm",
    "eV", "fl oz", "fps", "ft", "ft.", "g", "g/cm3", "g/dL", "g/kg", "g/km", "g/l", "gal", "gpm",
    "h", "ha", "hPa", "hour", "hours", "hp", "hr", "hrs", "in", "in.", "inch", "inches", "kB",
    "kHz", "kJ", "kN", "kPa", "kV", "kVA", "kW", "kWh", "kbit/s", "kbps", "kcal", "kg", "kg/m2",
    "kg/m3", "kgs", "km", "km/h", "km/s", "km2", "kmh", "km\xC2\xB2", "kmph", "knots", "kph", "kt",
    "l", "l/100km", "lb", "lb.", "lbs", "lbs.", "liter", "liters", "litre", "litres", "lm", "lux",
    "lx", "m", "m/s", "m2", "m3", "mA", "mAh", "mL", "mV", "mW", "mb", "mbar", "mcg", "mg", "mg/L",
    "mg/dL", "mg/dl", "mg/kg", "mg/l", "mg/m3", "mi", "mile", "miles", "min", "min.", "mins",
    "minute", "minutes", "mio", "ml", "mm", "mm Hg", "mm2", "mm3", "mmHg", "mmol/L", "mmol/l", "mo",
    "mol", "month", "months", "mpg", "mph", "ms", "m\xC2\xB2", "m\xC2\xB3", "ng", "ng/ml", "nm",
    "ns", "oz", "oz.", "pct", "pg", "ppb", "ppm", "psi", "pt", "px", "rad", "rpm", "s", "sec",
    "sec.", "second", "seconds", "secs", "sq ft", "sq m", "sqft", "sqm", "t", "ug", "um", "us",
    "week", "weeks", "wk", "wks", "yard", "yards", "yd", "yds", "year", "years", "yr", "yrs",
    "\xC2\xB0",
    "\xC2\xB0"
    "C",
    "\xC2\xB0"
    "F",
    "\xC2\xB5g", "\xC2\xB5m", "\xC2\xB5s", "\xCE\xA9", "\xCE\xBCg", "\xCE\xBCm", "\xE2\x84\x83",
    "\xE2\x84\x89"});

bool is_unit(std::string_view text)
{
    return std::find(units.begin(), units.end(), text) != units.end();
}

} // namespace

std::string_view take_unit(std::string_view& text)
{
    // From the last digit or point of the number on; digits of a unit ("m2") come after letters.
    constexpr size_t longest = 10;
    auto best = std::string_view::npos;
    const auto first = text.size() > longest ? text.size() - longest : 1;
    for (auto at = first; at < text.size(); ++at) {
        const auto before = text[at - 1];
        const bool follows_number = (before >= '0' && before <= '9') || before == '.';
        if ((follows_number || before == ' ') && text[at] != ' ' && is_unit(text.substr(at))
            && (before == ' ' || text.size() - at > 1)) {
            best = at;
            break; // the longest
        }
    }
    if (best == std::string_view::npos)
        return {};
    const auto unit = text.substr(best);
    text = trimmed_cell(text.substr(0, best));
    return unit;
}

} // namespace leyden
