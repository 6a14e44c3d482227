// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <functional>

namespace leyden::app {

/// Ends a debug build with a message when a widget's event is delivered on a thread that is not the
/// window's: the sign of a touch that should have been a queued signal.
class ThreadGuard final : public QObject
{
    Q_OBJECT

public:
    using Report = std::function<void(const QString&)>;

    /// Watches the application until it is destroyed. `report` stands in for the end of the
    /// program.
    explicit ThreadGuard(Report report = {}, QObject* parent = nullptr);

    static bool isWindowThread();
    static void assertWindowThread(const char* where);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Report m_report;
};

} // namespace leyden::app

#ifdef NDEBUG
#define LEYDEN_ASSERT_WINDOW_THREAD() static_cast<void>(0)
#else
#define LEYDEN_ASSERT_WINDOW_THREAD() ::leyden::app::ThreadGuard::assertWindowThread(__func__)
#endif
