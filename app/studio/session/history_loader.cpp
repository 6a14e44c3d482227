// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session/history_loader.h"

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
        auto history = readRunHistory(folder);
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
