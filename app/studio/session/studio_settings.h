// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/theme.h"

#include <QSettings>
#include <QString>
#include <QStringList>

namespace leyden::app {

/// What the studio remembers from one start to the next.
class StudioSettings final
{
public:
    /// `file`: an ini file; empty: the user's own.
    explicit StudioSettings(const QString& file = {});

    QString runsFolder() const; ///< outputs of runs lie below it; Documents/Leyden at first
    void setRunsFolder(const QString& folder);
    ui::ThemeMode theme() const;
    void setTheme(ui::ThemeMode mode);
    QStringList recentFiles() const; ///< newest first; may name files that are no more
    void addRecentFile(const QString& file);
    void forgetRecentFile(const QString& file);
    /// Crashed runs that were offered already and turned down.
    QStringList dismissedRuns() const;
    void dismissRun(const QString& folder);

    QByteArray bytes(const QString& key) const;
    void setBytes(const QString& key, const QByteArray& value);
    QString text(const QString& key) const;
    void setText(const QString& key, const QString& value);
    void sync() { m_settings.sync(); }

private:
    mutable QSettings m_settings;
};

} // namespace leyden::app
