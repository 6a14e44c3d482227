// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bridge/thread_guard.h"

#include <QCoreApplication>
#include <QEvent>
#include <QThread>

namespace leyden::app {

ThreadGuard::ThreadGuard(Report report, QObject* parent)
    : QObject(parent), m_report(std::move(report))
{
    QCoreApplication::instance()->installEventFilter(this);
}

bool ThreadGuard::isWindowThread()
{
    const auto* application = QCoreApplication::instance();
    return application == nullptr || QThread::currentThread() == application->thread();
}

void ThreadGuard::assertWindowThread(const char* where)
{
    if (!isWindowThread())
        qFatal("%s was called off the window's thread", where);
}

bool ThreadGuard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched->isWidgetType() && !isWindowThread()) {
        const auto text
            = QStringLiteral("widget %1 (%2) got event %3 off the window's thread")
                  .arg(watched->objectName(), QLatin1String(watched->metaObject()->className()))
                  .arg(int(event->type()));
        if (m_report)
            m_report(text);
        else
            qFatal("%s", qUtf8Printable(text));
    }
    return false;
}

} // namespace leyden::app
