// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/wheel_guard.h"

#include <QEvent>
#include <QWidget>

namespace leyden::ui {

WheelGuard::WheelGuard(QWidget* box) : QObject(box) { }

void WheelGuard::protect(QWidget* box)
{
    box->setFocusPolicy(Qt::StrongFocus); // the wheel itself must not give it the focus
    box->installEventFilter(new WheelGuard(box));
}

bool WheelGuard::eventFilter(QObject* watched, QEvent* event)
{
    const auto* box = static_cast<QWidget*>(parent());
    if (watched != box || event->type() != QEvent::Wheel || box->hasFocus())
        return false;
    event->ignore(); // not ours: QApplication goes on with the parent, which scrolls
    return true;
}

} // namespace leyden::ui
