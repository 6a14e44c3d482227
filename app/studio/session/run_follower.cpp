// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/run_follower.h"

#include "app/studio/session/run_folder_reader.h"

#include <QDir>

#include <exception>
#include <utility>

namespace leyden::app {
namespace {
constexpr int usualIntervalMs = 1000;
} // namespace

RunFollower::RunFollower(QObject* parent) : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(usualIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &RunFollower::look);
}

void RunFollower::follow(const QString& folder)
{
    forget();
    m_folder = folder;
    m_reader = std::make_shared<RunFolderReader>(folder);
    look();
}

void RunFollower::forget()
{
    m_background.forget(); // it may hang, with a reader that nobody else has
    m_timer.stop();
    m_reader.reset();
    m_isWanted = false;
}

void RunFollower::lookAgain()
{
    if (!m_reader)
        return;
    if (m_background.isBusy())
        m_isWanted = true;
    else
        look();
}

void RunFollower::look()
{
    m_timer.stop();
    m_isWanted = false;
    const auto read = [reader = m_reader, folder = m_folder] {
        try {
            return reader->read();
        } catch (const std::exception& error) { // of memory, most likely
            RunHistory history;
            history.folder = folder;
            history.problem
                = tr("%1 could not be read: %2")
                      .arg(QDir::toNativeSeparators(folder), QString::fromUtf8(error.what()));
            return history;
        }
    };
    m_background.start(read, [this](const RunHistory& news) {
        const auto reader = m_reader;
        if (news.isNews)
            Q_EMIT found(news);
        if (reader != m_reader || !reader || !news.problem.isEmpty())
            return; // who heard it turned to another run
        if (std::exchange(m_isWanted, false))
            look();
        else if (ui::isGoing(news.summary.state))
            m_timer.start();
    });
}

} // namespace leyden::app
