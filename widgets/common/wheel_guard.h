// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QWidget;

namespace leyden::ui {

/// Keeps the wheel from changing a box that has no focus: the page scrolls instead.
class WheelGuard final : public QObject
{
    Q_OBJECT

public:
    /// For a combo box, spin box or slider. The guard belongs to the box.
    static void protect(QWidget* box);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    explicit WheelGuard(QWidget* box);
};

} // namespace leyden::ui
