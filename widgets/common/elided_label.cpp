// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/elided_label.h"

#include "widgets/common/plain_text.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace leyden::ui {

ElidedLabel::ElidedLabel(QWidget* parent) : ElidedLabel(QString(), parent) { }

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QFrame(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString& text)
{
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode)
{
    m_mode = mode;
    update();
}

bool ElidedLabel::isElided() const
{
    return fontMetrics().horizontalAdvance(m_text) > contentsRect().width();
}

QSize ElidedLabel::sizeHint() const
{
    const auto outside = outsideText();
    return {fontMetrics().horizontalAdvance(m_text) + outside.width() + 1,
        fontMetrics().height() + outside.height()};
}

QSize ElidedLabel::minimumSizeHint() const
{
    const auto few
        = fontMetrics().horizontalAdvance(QStringLiteral("xxx...")) + outsideText().width();
    return {qMin(few, sizeHint().width()), sizeHint().height()};
}

QSize ElidedLabel::outsideText() const
{
    const auto margins = contentsMargins(); // with the frame
    return {margins.left() + margins.right(), margins.top() + margins.bottom()};
}

void ElidedLabel::paintEvent(QPaintEvent* event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(contentsRect(), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
        fontMetrics().elidedText(m_text, m_mode, contentsRect().width()));
}

bool ElidedLabel::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (isElided())
            QToolTip::showText(help->globalPos(), plainToolTip(m_text), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QFrame::event(event);
}

} // namespace leyden::ui
