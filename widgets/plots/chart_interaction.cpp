// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/chart_interaction.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/popup_menu.h"
#include "widgets/plots/metric_chart.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace leyden::ui {
namespace {
constexpr double zoomPerNotch = 0.8;
constexpr int oneTurnMs = 700;
} // namespace

ChartInteraction::ChartInteraction(MetricChart& chart) : QObject(&chart), m_chart(chart)
{
    chart.plotWidget()->installEventFilter(this);
}

bool ChartInteraction::eventFilter(QObject*, QEvent* event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        press(static_cast<QMouseEvent&>(*event));
        return false; // lets the plot take the focus
    case QEvent::MouseMove:
        move(static_cast<QMouseEvent&>(*event));
        return true;
    case QEvent::MouseButtonRelease:
        release(static_cast<QMouseEvent&>(*event));
        return true;
    case QEvent::MouseButtonDblClick:
        return doubleClick(static_cast<QMouseEvent&>(*event));
    case QEvent::Wheel:
        wheel(static_cast<QWheelEvent&>(*event));
        event->accept();
        return true;
    case QEvent::KeyPress:
        return key(static_cast<QKeyEvent&>(*event));
    case QEvent::ContextMenu:
        menu(static_cast<QContextMenuEvent&>(*event));
        return true;
    case QEvent::ToolTip:
        return toolTip(static_cast<QHelpEvent&>(*event));
    case QEvent::Leave:
        leave();
        return false;
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        m_chart.setRubberBand({}); // redraws the overlay, where the focus frame lies
        return false;
    default:
        return false;
    }
}

void ChartInteraction::press(const QMouseEvent& event)
{
    if (event.button() != Qt::LeftButton)
        return;
    m_drag = Drag::Pending;
    m_pressedAt = event.position();
}

void ChartInteraction::move(const QMouseEvent& event)
{
    const auto at = event.position();
    if (m_drag == Drag::Pending
        && (at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance()
        && m_chart.plotRect().adjusted(-60, 0, 10, 40).contains(m_pressedAt)) {
        m_drag = event.modifiers() & Qt::ShiftModifier ? Drag::Box : Drag::Pan;
        if (m_drag == Drag::Pan) {
            m_chart.beginPan();
            m_chart.plotWidget()->setCursor(Qt::ClosedHandCursor);
        }
    }
    if (m_drag == Drag::Pan) {
        m_chart.userPan(at - m_pressedAt);
        return;
    }
    if (m_drag == Drag::Box) {
        m_chart.setRubberBand(QRectF(m_pressedAt, at).normalized().intersected(m_chart.plotRect()));
        return;
    }
    m_chart.plotWidget()->setCursor(
        m_chart.seriesAt(at).isEmpty() ? Qt::ArrowCursor : Qt::PointingHandCursor);
    if (!m_chart.plotRect().contains(at)) {
        leave();
        return;
    }
    if (const double x = m_chart.snappedX(at.x()); !std::isnan(x)) {
        m_chart.setCrosshair(x);
        Q_EMIT m_chart.crosshairMoved(x);
    }
}

void ChartInteraction::release(const QMouseEvent& event)
{
    const auto drag = std::exchange(m_drag, Drag::None);
    if (drag == Drag::Pan)
        m_chart.plotWidget()->unsetCursor();
    if (drag == Drag::Box) {
        m_chart.setRubberBand({});
        m_chart.userZoomTo(QRectF(m_pressedAt, event.position()));
    }
    if (drag != Drag::Pending)
        return;
    const auto name = m_chart.seriesAt(event.position());
    if (name.isEmpty() || name != m_chart.seriesAt(m_pressedAt))
        return;
    if (event.modifiers() & Qt::ControlModifier)
        m_chart.toggleSeries(name);
    else
        m_chart.soloSeries(name);
}

bool ChartInteraction::doubleClick(const QMouseEvent& event)
{
    if (event.button() != Qt::LeftButton)
        return false;
    if (!m_chart.seriesAt(event.position()).isEmpty())
        press(event); // two quick clicks on the legend are two clicks
    else
        m_chart.userFit();
    return true;
}

void ChartInteraction::wheel(const QWheelEvent& event)
{
    // Alt makes Qt turn the wheel sideways; some mice have a second wheel.
    const double notches
        = (event.angleDelta().y() != 0 ? event.angleDelta().y() : event.angleDelta().x()) / 120.0;
    if (notches == 0.0)
        return;
    if (!m_sinceWheel.isValid() || m_sinceWheel.elapsed() > oneTurnMs)
        m_chart.rememberView();
    m_sinceWheel.start();
    const double factor = std::pow(zoomPerNotch, notches);
    if (event.modifiers() & Qt::ControlModifier)
        m_chart.userZoomY(factor, event.position().y());
    else
        m_chart.userZoomX(factor, event.position().x());
}

bool ChartInteraction::key(const QKeyEvent& event)
{
    if (event.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier))
        return false;
    const auto center = m_chart.plotRect().center();
    switch (event.key()) {
    case Qt::Key_F:
        m_chart.userFollow(m_chart.xView().mode != XView::Mode::Follow);
        return true;
    case Qt::Key_L:
        m_chart.setYLog(!m_chart.state().isYLog);
        return true;
    case Qt::Key_Backspace:
        m_chart.userPreviousView();
        return true;
    case Qt::Key_Home:
        m_chart.userFit();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        m_chart.rememberView();
        m_chart.userZoomX(zoomPerNotch, center.x());
        return true;
    case Qt::Key_Minus:
        m_chart.rememberView();
        m_chart.userZoomX(1 / zoomPerNotch, center.x());
        return true;
    case Qt::Key_Left:
        m_chart.moveCrosshair(-1);
        return true;
    case Qt::Key_Right:
        m_chart.moveCrosshair(1);
        return true;
    case Qt::Key_Escape:
        leave();
        return true;
    default:
        return false;
    }
}

void ChartInteraction::menu(const QContextMenuEvent& event)
{
    if (const auto step = m_chart.checkpointAt(event.pos())) {
        Q_EMIT m_chart.checkpointMenuRequested(*step, event.globalPos());
        return;
    }
    auto* menu = newPopupMenu(m_chart.plotWidget());
    menu->setObjectName(QStringLiteral("chartMenu"));
    m_chart.fillMenu(*menu);
    menu->popup(event.globalPos());
}

bool ChartInteraction::toolTip(const QHelpEvent& event)
{
    const auto text = m_chart.toolTipAt(event.pos());
    if (text.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(event.globalPos(), plainToolTip(text), m_chart.plotWidget());
    return true;
}

void ChartInteraction::leave()
{
    if (!m_chart.crosshair())
        return;
    m_chart.setCrosshair({});
    Q_EMIT m_chart.crosshairMoved(std::nan(""));
}
} // namespace leyden::ui
