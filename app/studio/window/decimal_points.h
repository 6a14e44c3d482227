// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <clocale>

namespace leyden::app {

/// To be called once the application object exists: Qt takes the environment's locale, under which
/// C libraries may read and write decimal commas; files have decimal points.
inline void useDecimalPoints()
{
    std::setlocale(LC_NUMERIC, "C");
}

} // namespace leyden::app
