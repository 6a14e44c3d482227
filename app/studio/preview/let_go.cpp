// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/preview/let_go.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

#include <chrono>

namespace leyden::app {

using namespace std::chrono_literals;

namespace {
constexpr auto farewell = 3s; // most are done in a tenth of it
} // namespace

void letGo(std::unique_ptr<QThread> thread)
{
    if (!thread || thread->isFinished())
        return;
    auto* left = thread.release();
    QObject::connect(left, &QThread::finished, left, &QObject::deleteLater);
    QObject::connect(qApp, &QCoreApplication::aboutToQuit, left, [left] {
        static const QDeadlineTimer end(farewell); // for all of them together
        left->wait(end);
    });
    if (left->isFinished()) // in between
        left->deleteLater();
}

void waitAndLetGo(std::vector<std::unique_ptr<QThread>> threads)
{
    const QDeadlineTimer end(farewell);
    for (auto& thread : threads)
        if (!thread->wait(end))
            letGo(std::move(thread));
}

} // namespace leyden::app
