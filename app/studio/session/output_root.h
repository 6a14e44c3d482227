// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QString>

namespace leyden::app {

/// The folder that a config's relative outputs are written below, so that its runs come to lie in
/// the runs folder: that folder, or the one above where the config names it itself ("save_dir":
/// "runs" in ~/ml/runs means ~/ml/runs, and not ~/ml/runs/runs).
QString outputRootOf(const QString& runsFolder, const ui::Json& config);

} // namespace leyden::app
