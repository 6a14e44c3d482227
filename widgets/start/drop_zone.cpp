// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/start/drop_zone.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"

#include <QEvent>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace leyden::ui {

DropZone::DropZone(QWidget* parent)
    : QWidget(parent), m_icon(new QLabel(this)), m_text(new QLabel(this))
{
    m_icon->setAlignment(Qt::AlignCenter);
    m_text->setObjectName(QStringLiteral("dropZoneText"));
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(6);
    layout->addStretch();
    layout->addWidget(m_icon);
    layout->addWidget(m_text);
    layout->addStretch();
    setMinimumHeight(104);
    showInvitation();
}

void DropZone::showInvitation()
{
    show(State::Invitation,
        tr("Drop a config (.json, .yaml) or a table (.csv) anywhere on this page"));
}

void DropZone::showWelcome(const QString& text)
{
    show(State::Welcome, text);
}

void DropZone::showProblem(const QString& sentence)
{
    show(State::Problem, sentence);
}

QString DropZone::text() const
{
    return accessibleName();
}

void DropZone::show(State state, const QString& text)
{
    m_state = state;
    showPlainText(*m_text, text);
    setAccessibleName(text);
    refresh();
}

void DropZone::refresh()
{
    const auto name = m_state == State::Problem ? QStringLiteral("error") : QStringLiteral("down");
    const auto tone = m_state == State::Problem ? IconTone::Error
        : m_state == State::Welcome             ? IconTone::Accent
                                                : IconTone::Muted;
    m_icon->setPixmap(Icon::themed(name, tone).pixmap(22, 22));
    m_text->setForegroundRole(
        m_state == State::Invitation ? QPalette::PlaceholderText : QPalette::WindowText);
    update();
}

void DropZone::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        refresh(); // the pixmap has the colours of the theme before
    QWidget::changeEvent(event);
}

void DropZone::paintEvent(QPaintEvent*)
{
    const auto colors = themeColors(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    auto line = m_state == State::Problem ? colors.error
        : m_state == State::Welcome       ? colors.accent
                                          : palette().color(QPalette::Dark);
    if (m_state == State::Invitation && isDark(palette()))
        line = palette().color(QPalette::Mid);
    painter.setPen(QPen(line, m_state == State::Welcome ? 2.0 : 1.0, Qt::DashLine));
    if (m_state == State::Welcome) {
        auto wash = colors.accent;
        wash.setAlpha(24);
        painter.setBrush(wash);
    }
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
}

} // namespace leyden::ui
