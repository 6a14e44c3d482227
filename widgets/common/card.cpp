// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/card.h"

#include "widgets/common/theme.h"

#include <QPainter>

namespace leyden::ui {

void paintCard(QPainter& painter, const QRect& rect, const QPalette& palette, const QColor& border,
    double lineWidth)
{
    const auto inset = lineWidth / 2;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(border, lineWidth));
    painter.setBrush(themeColors(palette).card);
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), 6, 6);
}

void Card::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintCard(painter, rect(), palette(), themeColors(palette()).border);
}

} // namespace leyden::ui
