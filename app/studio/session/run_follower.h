// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_history.h"
#include "widgets/common/background_reader.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace leyden::app {
class RunFolderReader;

/// Reads the run of a folder beside the window's thread, and while it is on, in whatever process,
/// what becomes new in it.
class RunFollower final : public QObject
{
    Q_OBJECT

public:
    explicit RunFollower(QObject* parent = nullptr);

    void follow(const QString& folder); ///< and no longer the one before
    void forget();
    void lookAgain(); ///< something may have changed in the folder
    bool isBusy() const { return m_background.isBusy(); }
    void setInterval(int ms) { m_timer.setInterval(ms); } ///< 1000 at first

Q_SIGNALS:
    void found(const leyden::app::RunHistory& news); ///< all of it at first, then what is new

private:
    void look();

    std::shared_ptr<RunFolderReader> m_reader; ///< used by one look at a time
    ui::BackgroundReader m_background;
    QTimer m_timer;
    QString m_folder;
    bool m_isWanted = false; ///< another look, for something changed during this one
};

} // namespace leyden::app
