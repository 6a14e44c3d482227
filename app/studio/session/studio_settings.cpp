// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/studio_settings.h"

#include <QDir>
#include <QStandardPaths>

namespace leyden::app {
namespace {

const auto runsFolderKey = QStringLiteral("runsFolder");
const auto themeKey = QStringLiteral("theme");
const auto recentKey = QStringLiteral("recentFiles");
const auto dismissedKey = QStringLiteral("dismissedRuns");
constexpr int mostRecentFiles = 12;
constexpr int mostDismissed = 500;

QString usersFile()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
        + QStringLiteral("/leyden/studio.ini");
}

} // namespace

StudioSettings::StudioSettings(const QString& file)
    : m_settings(file.isEmpty() ? usersFile() : file, QSettings::IniFormat)
{
}

QString StudioSettings::runsFolder() const
{
    const auto said = m_settings.value(runsFolderKey).toString();
    if (!said.isEmpty())
        return said;
    const auto documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QDir(documents.isEmpty() ? QDir::homePath() : documents)
        .filePath(QStringLiteral("Leyden"));
}

void StudioSettings::setRunsFolder(const QString& folder)
{
    m_settings.setValue(runsFolderKey, QDir(folder).absolutePath());
}

ui::ThemeMode StudioSettings::theme() const
{
    const int mode = m_settings.value(themeKey, 0).toInt();
    return mode >= 0 && mode <= int(ui::ThemeMode::Dark) ? ui::ThemeMode(mode)
                                                         : ui::ThemeMode::System;
}

void StudioSettings::setTheme(ui::ThemeMode mode)
{
    m_settings.setValue(themeKey, int(mode));
}

QStringList StudioSettings::recentFiles() const
{
    return m_settings.value(recentKey).toStringList();
}

void StudioSettings::addRecentFile(const QString& file)
{
    auto files = recentFiles();
    files.removeAll(file);
    files.prepend(file);
    m_settings.setValue(recentKey, QStringList(files.mid(0, mostRecentFiles)));
}

void StudioSettings::forgetRecentFile(const QString& file)
{
    auto files = recentFiles();
    files.removeAll(file);
    m_settings.setValue(recentKey, files);
}

QStringList StudioSettings::dismissedRuns() const
{
    return m_settings.value(dismissedKey).toStringList();
}

void StudioSettings::dismissRun(const QString& folder)
{
    auto folders = dismissedRuns();
    if (!folders.contains(folder))
        folders.prepend(folder);
    m_settings.setValue(dismissedKey, QStringList(folders.mid(0, mostDismissed)));
}

QByteArray StudioSettings::bytes(const QString& key) const
{
    return m_settings.value(key).toByteArray();
}

void StudioSettings::setBytes(const QString& key, const QByteArray& value)
{
    m_settings.setValue(key, value);
}

QString StudioSettings::text(const QString& key) const
{
    return m_settings.value(key).toString();
}

void StudioSettings::setText(const QString& key, const QString& value)
{
    m_settings.setValue(key, value);
}

} // namespace leyden::app
