// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/output_root.h"

#include "widgets/config/json_pointer.h"

#include <QDir>

#include <algorithm>

namespace leyden::app {
namespace {

QString textAt(const ui::Json& config, const char* pointer)
{
    const auto* value = ui::findValue(config, ui::pointerTokens(QLatin1String(pointer)));
    return value && value->is_string() ? ui::toQString(value->get<std::string>()) : QString();
}

bool beginsWith(const QString& path, const QString& folder)
{
    return QDir::cleanPath(path).section(QLatin1Char('/'), 0, 0) == folder;
}

/// A component, or each of a list of them.
template <class Fits>
bool doAll(const ui::Json& config, const char* pointer, bool ofNone, const Fits& fits)
{
    const auto* value = ui::findValue(config, ui::pointerTokens(QLatin1String(pointer)));
    if (!value || value->is_null() || value->empty())
        return ofNone;
    return value->is_array() ? std::all_of(value->begin(), value->end(), fits) : fits(*value);
}

/// Folders that callbacks may write to besides the run's own.
bool staysInside(const ui::Json& callback, const QString& folder)
{
    for (const auto* pointer : {"/init_args/dirpath", "/init_args/output_dir"}) {
        const auto path = textAt(callback, pointer);
        if (!path.isEmpty() && QDir::isRelativePath(path) && !beginsWith(path, folder))
            return false;
    }
    return true;
}

} // namespace

QString outputRootOf(const QString& runsFolder, const ui::Json& config)
{
    const QDir runs(QDir::cleanPath(runsFolder));
    const auto name = runs.dirName();
    if (runsFolder.isEmpty() || name.isEmpty() || runs.isRoot() || !config.is_object())
        return runsFolder;
    const auto writesThere = [&name](const ui::Json& logger) {
        return logger.is_object() && beginsWith(textAt(logger, "/init_args/save_dir"), name);
    };
    const auto isInside = [&name](const ui::Json& callback) { return staysInside(callback, name); };
    const auto ownRoot = textAt(config, "/trainer/default_root_dir");
    const bool isNamed = doAll(config, "/trainer/logger", false, writesThere)
        && doAll(config, "/trainer/callbacks", true, isInside)
        && (ownRoot.isEmpty() || !QDir::isRelativePath(ownRoot) || beginsWith(ownRoot, name));
    return isNamed ? QDir::cleanPath(runs.absoluteFilePath(QStringLiteral(".."))) : runsFolder;
}

} // namespace leyden::app
