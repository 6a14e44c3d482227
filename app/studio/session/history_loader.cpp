// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/history_loader.h"

#include <QDir>

#include <exception>

namespace leyden::app {

HistoryLoader::HistoryLoader(QObject* parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(1);
}

HistoryLoader::~HistoryLoader()
{
    m_pool.waitForDone(); // its result, queued to this object, dies with it
}

void HistoryLoader::load(const QString& folder)
{
    m_pool.start([this, folder, request = ++m_request] {
        RunHistory history;
        try {
            history = readRunHistory(folder);
        } catch (const std::exception& error) { // of memory, most likely
            history.problem = tr("%1 could not be read: %2")
                                  .arg(QDir::toNativeSeparators(folder), QString::fromUtf8(error.what()));
        }
        QMetaObject::invokeMethod(
            this,
            [this, request, history = std::move(history)] {
                if (request == m_request)
                    Q_EMIT loaded(history);
            },
            Qt::QueuedConnection);
    });
}

} // namespace leyden::app
