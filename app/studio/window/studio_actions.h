// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/bridge/run_controller.h"

#include <QAction>
#include <QActionGroup>
#include <QList>
#include <QObject>

namespace leyden::app {

/// Every action of the main window, with its name, shortcut, icon and tip. They do nothing by
/// themselves: the window connects them. Names of actions are object names, for tests and scripts.
class StudioActions final : public QObject
{
    Q_OBJECT

public:
    explicit StudioActions(QObject* parent);

    QAction* openConfig;
    QAction* openTable;
    QAction* save;
    QAction* saveAs;
    QAction* copyCommand;
    QAction* chooseRunsFolder;
    QAction* quit;

    QAction* start;
    QAction* pause; ///< resumes while a pause is wanted
    QAction* checkpointNow;
    QAction* validateNow;
    QList<QAction*> stops; ///< in the order of StopVerb; data() is the verb

    QAction* findThreads;

    QActionGroup* views;  ///< Start, Configure, Monitor; data() is the index
    QActionGroup* themes; ///< data() is a ui::ThemeMode
    QAction* resetLayout;

    QAction* help;
    QAction* shortcuts;
    QAction* about;

    /// What can be done in this phase; `problems` are why no run can start, empty if one can.
    void update(RunPhase phase, bool isPauseWanted, const QStringList& problems);
    void setConfigName(const QString& name); ///< what Start starts; "": no config is open

private:
    QAction* add(const char* name, const QString& text, const QString& tip,
        const QKeySequence& keys, const char* icon = "");
    void setupFile();
    void setupRun();
    void setupConfig();
    void setupView();
    void setupHelp();

    QString m_configName;
};

} // namespace leyden::app
