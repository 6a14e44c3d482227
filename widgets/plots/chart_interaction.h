// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QPointF>

class QContextMenuEvent;
class QHelpEvent;
class QKeyEvent;
class QMouseEvent;
class QWheelEvent;

namespace leyden::ui {
class MetricChart;

/// Turns wheel, mouse and keys over a chart into the chart's user* functions. The same everywhere:
/// wheel x, Ctrl+wheel y, drag pan, Shift+drag box, double-click fit, Backspace previous view, F
/// follow, L log y, arrows cross-hair; legend click solo, Ctrl+click hide; menu by right click,
/// that of a checkpoint on its tick.
class ChartInteraction final : public QObject
{
    Q_OBJECT

public:
    explicit ChartInteraction(MetricChart& chart); ///< becomes the chart's child

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Drag { None, Pending, Pan, Box };

    void press(const QMouseEvent& event);
    void move(const QMouseEvent& event);
    void release(const QMouseEvent& event);
    bool doubleClick(const QMouseEvent& event);
    void wheel(const QWheelEvent& event);
    bool key(const QKeyEvent& event);
    void menu(const QContextMenuEvent& event);
    bool toolTip(const QHelpEvent& event);
    void leave();

    MetricChart& m_chart;
    Drag m_drag = Drag::None;
    QPointF m_pressedAt;
    QElapsedTimer m_sinceWheel; // a turn of the wheel is one step back, not ten
};
} // namespace leyden::ui
