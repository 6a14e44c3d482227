// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QWidget;

namespace leyden::app {

/// Shows a folder in the file manager. Where the system has none, says so, with the path to copy.
void revealFolder(QWidget* parent, const QString& folder);

} // namespace leyden::app
