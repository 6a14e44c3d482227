// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace leyden::app {

/// Moves folders to the desktop's trash. Gives those that could not be, e.g. because their disk has
/// none. Takes as long as the disk does.
QStringList movedToTrashFailed(const QStringList& folders);

/// Deletes folders for good. Gives those that are still there, or a part of them.
QStringList deletedFailed(const QStringList& folders);

} // namespace leyden::app
