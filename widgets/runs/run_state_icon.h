// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/run_summary.h"

#include <QIcon>
#include <QPalette>

namespace leyden::ui {
QString runStateText(RunState state); ///< a word or two
/// The same with what it means, or why.
QString runStateSentence(const RunSummary& run);
/// Shape and colour both tell the state.
QIcon runStateIcon(RunState state, const QPalette& palette);
} // namespace leyden::ui
