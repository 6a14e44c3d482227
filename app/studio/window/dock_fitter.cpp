// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/dock_fitter.h"

#include <QDockWidget>
#include <QEvent>
#include <QGuiApplication>
#include <QMainWindow>

#include <algorithm>

namespace leyden::app {
namespace {
constexpr int activityBar = 90;
constexpr int narrowestMiddle = 380; // the tool bar of the charts
constexpr int narrowestLeft = 260;   // names, states, best values and steps
constexpr int narrowestRight = 270;  // what can be steered
} // namespace

DockWidths fittedWidths(const DockWidths& wanted, int windowWidth)
{
    auto widths = wanted;
    int missing = widths.left + widths.right + activityBar + narrowestMiddle - windowWidth;
    const auto give = [&missing](int& width, int least) {
        const int given = std::clamp(missing, 0, std::max(0, width - least));
        width -= given;
        missing -= given;
    };
    give(widths.right, narrowestRight);
    give(widths.left, narrowestLeft);
    return widths;
}

DockFitter::DockFitter(
    QMainWindow& window, QDockWidget& left, QDockWidget& right, DockWidths wanted)
    : QObject(&window), m_window(window), m_left(left), m_right(right), m_wanted(wanted)
{
    for (auto* watched : {static_cast<QWidget*>(&window), static_cast<QWidget*>(&left),
             static_cast<QWidget*>(&right)})
        watched->installEventFilter(this);
}

bool DockFitter::stands(const QDockWidget& dock, Qt::DockWidgetArea area) const
{
    return !dock.isHidden() && !dock.isFloating()
        && m_window.dockWidgetArea(const_cast<QDockWidget*>(&dock)) == area;
}

void DockFitter::setWanted(const DockWidths& wanted)
{
    m_wanted = wanted;
    fit();
}

void DockFitter::fit()
{
    const bool hasLeft = stands(m_left, Qt::LeftDockWidgetArea);
    const bool hasRight = stands(m_right, Qt::RightDockWidgetArea);
    const auto widths = fittedWidths(
        {hasLeft ? m_wanted.left : 0, hasRight ? m_wanted.right : 0}, m_window.width());
    QList<QDockWidget*> docks;
    QList<int> sizes;
    if (hasLeft) {
        docks += &m_left;
        sizes += widths.left;
    }
    if (hasRight) {
        docks += &m_right;
        sizes += widths.right;
    }
    if (!docks.isEmpty())
        m_window.resizeDocks(docks, sizes, Qt::Horizontal);
}

bool DockFitter::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Show || event->type() == QEvent::Hide
        || (watched == &m_window && event->type() == QEvent::Resize)) {
        // Once the window has laid itself out: its layout would undo it.
        QMetaObject::invokeMethod(this, &DockFitter::fit, Qt::QueuedConnection);
    } else if (event->type() == QEvent::Resize
        && QGuiApplication::mouseButtons().testFlag(Qt::LeftButton)) {
        // A hand drags the line between dock and middle.
        if (watched == &m_left && stands(m_left, Qt::LeftDockWidgetArea))
            m_wanted.left = m_left.width();
        else if (watched == &m_right && stands(m_right, Qt::RightDockWidgetArea))
            m_wanted.right = m_right.width();
    }
    return QObject::eventFilter(watched, event);
}

} // namespace leyden::app
