// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QPainter;

namespace leyden::ui {

/// The ground of a card, for widgets that are cards and something else too.
void paintCard(QPainter& painter, const QRect& rect, const QPalette& palette, const QColor& border,
    double lineWidth = 1.0);

/// A rounded ground for what belongs together.
class Card final : public QFrame
{
    Q_OBJECT

public:
    using QFrame::QFrame;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace leyden::ui
