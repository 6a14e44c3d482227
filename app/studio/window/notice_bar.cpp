// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/notice_bar.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>
#include <memory>

namespace leyden::app {

NoticeBar::NoticeBar(QWidget* parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
    , m_buttons(new QHBoxLayout)
    , m_close(new QToolButton(this))
{
    setObjectName(QStringLiteral("noticeBar"));
    setAccessibleName(tr("Notice"));
    m_text->setObjectName(QStringLiteral("noticeText"));
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_close->setObjectName(QStringLiteral("noticeClose"));
    m_close->setAccessibleName(tr("Close this notice"));
    m_close->setToolTip(tr("Close this notice"));
    m_close->setIcon(ui::Icon::themed(QStringLiteral("remove"), ui::IconTone::Muted));
    m_close->setAutoRaise(true);
    connect(m_close, &QToolButton::clicked, this, [this] {
        if (!m_notices.isEmpty())
            m_notices.removeFirst();
        showFirst();
    });
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 8, 8, 8);
    layout->setSpacing(10);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    layout->addLayout(m_buttons);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    hide();
}

void NoticeBar::add(const Notice& notice)
{
    if (!notice.topic.isEmpty())
        drop(notice.topic);
    // The newest is what somebody waits for; an offer, which nobody asked for, waits for all else.
    const auto firstOffer = std::find_if(
        m_notices.begin(), m_notices.end(), [](const Notice& each) { return each.isOffer; });
    m_notices.insert(notice.isOffer ? firstOffer : m_notices.begin(), notice);
    showFirst();
}

void NoticeBar::drop(const QString& topic)
{
    m_notices.removeIf([&](const Notice& each) { return each.topic == topic; });
    showFirst();
}

QString NoticeBar::text() const
{
    return m_notices.isEmpty() ? QString() : m_notices.first().text;
}

void NoticeBar::showFirst()
{
    while (auto* item = m_buttons->takeAt(0)) {
        item->widget()->disconnect(this); // a press that began before may still end on it
        item->widget()->hide();
        item->widget()->deleteLater(); // it may be the one that was clicked
        std::unique_ptr<QLayoutItem> gone(item);
    }
    setVisible(!m_notices.isEmpty());
    if (m_notices.isEmpty())
        return;
    const auto notice = m_notices.first();
    const auto icon = notice.tone == ui::IconTone::Error ? QStringLiteral("error")
        : notice.tone == ui::IconTone::Warning           ? QStringLiteral("warning")
                                                         : QStringLiteral("info");
    m_icon->setPixmap(ui::Icon::themed(icon, notice.tone).pixmap(18, 18));
    ui::showPlainText(*m_text,
        m_notices.size() == 1
            ? notice.text
            : tr("%1 (%n more below this one)", nullptr, int(m_notices.size() - 1))
                  .arg(notice.text));
    for (const auto& choice : notice.choices) {
        auto* button = new QPushButton(choice.text, this);
        button->setObjectName(choice.name);
        connect(button, &QPushButton::clicked, this, [this, act = choice.act] {
            m_notices.removeFirst();
            showFirst();
            act();
        });
        m_buttons->addWidget(button);
    }
    update();
}

void NoticeBar::paintEvent(QPaintEvent*)
{
    const auto colors = ui::themeColors(palette());
    const auto tone = m_notices.isEmpty() ? ui::IconTone::Muted : m_notices.first().tone;
    const auto mark = tone == ui::IconTone::Error ? colors.error
        : tone == ui::IconTone::Warning           ? colors.warning
                                                  : colors.accent;
    auto ground = mark;
    ground.setAlpha(28);
    QPainter painter(this);
    painter.fillRect(rect(), ground);
    painter.fillRect(0, 0, 3, height(), mark);
    painter.fillRect(0, height() - 1, width(), 1, colors.border);
}

} // namespace leyden::app
