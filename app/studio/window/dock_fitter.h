// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QDockWidget;
class QMainWindow;

namespace leyden::app {

/// Widths of the docks at the left and at the right.
struct DockWidths
{
    int left = 0;
    int right = 0;
    bool operator==(const DockWidths&) const = default;
};

/// What the docks get of a window: as wanted, or less where the middle would have less than it
/// needs; then the right one gives first. 0: such a dock is not there.
DockWidths fittedWidths(const DockWidths& wanted, int windowWidth);

/// Keeps the docks beside the middle as wide as a hand made them, narrower while the window is
/// small, and gives the width back when it grows. QMainWindow alone leaves a dock as narrow as it
/// once had to be.
class DockFitter final : public QObject
{
    Q_OBJECT

public:
    /// They outlive it, for the window owns it.
    DockFitter(QMainWindow& window, QDockWidget& left, QDockWidget& right, DockWidths wanted);

    void setWanted(const DockWidths& wanted);
    const DockWidths& wanted() const { return m_wanted; }
    void fit();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool stands(const QDockWidget& dock, Qt::DockWidgetArea area) const;

    QMainWindow& m_window;
    QDockWidget& m_left;
    QDockWidget& m_right;
    DockWidths m_wanted;
};

} // namespace leyden::app
