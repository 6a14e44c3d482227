// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFileInfo>
#include <QString>

namespace leyden::app {

/// "<name>/version_3" of a run folder.
inline QString shortName(const QString& folder)
{
    const QFileInfo info(folder);
    const auto parent = info.dir().dirName();
    return parent.isEmpty() ? info.fileName() : parent + QLatin1Char('/') + info.fileName();
}

} // namespace leyden::app
