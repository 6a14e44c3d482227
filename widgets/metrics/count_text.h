// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace leyden::ui {
/// "1,797": a whole number with its thousands apart.
QString countText(qint64 count);
} // namespace leyden::ui
