// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/trash.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace leyden::app {

QStringList movedToTrashFailed(const QStringList& folders)
{
    QDir().mkpath(QStandardPaths::writableLocation(
        QStandardPaths::GenericDataLocation)); // Qt makes the trash in it, but not it
    QStringList left;
    for (const auto& folder : folders)
        if (QFileInfo::exists(folder) && !QFile::moveToTrash(folder))
            left += folder;
    return left;
}

QStringList deletedFailed(const QStringList& folders)
{
    QStringList left;
    for (const auto& folder : folders)
        if (!QDir(folder).removeRecursively())
            left += folder;
    return left;
}

} // namespace leyden::app
