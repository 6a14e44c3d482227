// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace leyden::ui {

/// The shape of a batch as people say it: "26 inputs" for "[N, 26]", "inputs of 1 × 28 × 28" for
/// "[N, 1, 28, 28]". Any other text stays as it is.
QString inputsText(const QString& shape);

} // namespace leyden::ui
