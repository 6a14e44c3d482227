// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/notice_bar.h"

#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

namespace leyden::app {

/// One notice, with the buttons to answer it.
class NoticeBar::Row final : public QFrame
{
public:
    explicit Row(QWidget* parent)
        : QFrame(parent)
        , m_icon(new QLabel(this))
        , m_text(new QLabel(this))
        , m_middle(new QBoxLayout(QBoxLayout::LeftToRight))
        , m_buttons(new QHBoxLayout)
        , m_close(new QToolButton(this))
    {
        m_text->setObjectName(QStringLiteral("noticeText"));
        m_text->setWordWrap(true);
        m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        m_close->setObjectName(QStringLiteral("noticeClose"));
        m_close->setAccessibleName(NoticeBar::tr("Close this notice"));
        m_close->setToolTip(NoticeBar::tr("Close this notice"));
        m_close->setIcon(ui::Icon::themed(QStringLiteral("remove"), ui::IconTone::Muted));
        m_close->setAutoRaise(true);
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(14, 8, 8, 8);
        layout->setSpacing(10);
        layout->addWidget(m_icon, 0, Qt::AlignTop);
        m_middle->setSpacing(10);
        m_middle->addWidget(m_text, 1);
        m_middle->addLayout(m_buttons);
        layout->addLayout(m_middle, 1);
        layout->addWidget(m_close, 0, Qt::AlignTop);
    }

    QToolButton* closeButton() const { return m_close; }

    void clear()
    {
        while (auto* item = m_buttons->takeAt(0)) {
            item->widget()->disconnect(parent()); // a press that began before may still end on it
            item->widget()->setObjectName({});
            item->widget()->hide();
            item->widget()->deleteLater(); // it may be the one that was clicked
            std::unique_ptr<QLayoutItem> gone(item);
        }
    }

    void showNotice(ui::IconTone tone, const QString& text)
    {
        clear();
        m_tone = tone;
        showIcon();
        ui::showPlainText(*m_text, text);
        update();
    }

    QPushButton* addButton(const QString& name, const QString& text)
    {
        auto* button = new QPushButton(text, this);
        button->setObjectName(name);
        m_buttons->addWidget(button);
        placeButtons();
        return button;
    }

protected:
    void changeEvent(QEvent* event) override
    {
        QFrame::changeEvent(event);
        if (event->type() == QEvent::PaletteChange) // of another theme
            showIcon();
    }

    void paintEvent(QPaintEvent*) override
    {
        const auto colors = ui::themeColors(palette());
        const auto mark = m_tone == ui::IconTone::Error ? colors.error
            : m_tone == ui::IconTone::Warning           ? colors.warning
                                                        : colors.accent;
        auto ground = mark;
        ground.setAlpha(28);
        QPainter painter(this);
        painter.fillRect(rect(), ground);
        painter.fillRect(0, 0, 3, height(), mark);
        painter.fillRect(0, height() - 1, width(), 1, colors.border);
    }

    void resizeEvent(QResizeEvent* event) override
    {
        QFrame::resizeEvent(event);
        placeButtons();
    }

private:
    /// Beside the words, or below them where little more than the buttons has room.
    void placeButtons()
    {
        const auto margins = layout()->contentsMargins();
        const int room = width() - margins.left() - margins.right() - 2 * layout()->spacing()
            - m_icon->sizeHint().width() - m_close->sizeHint().width();
        const int words = fontMetrics().averageCharWidth() * 30;
        const bool isNarrow
            = m_buttons->count() > 0 && room < m_buttons->sizeHint().width() + words;
        m_middle->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
        m_buttons->setAlignment(isNarrow ? Qt::AlignLeft : Qt::Alignment());
    }

    void showIcon()
    {
        const auto icon = m_tone == ui::IconTone::Error ? QStringLiteral("error")
            : m_tone == ui::IconTone::Warning           ? QStringLiteral("warning")
                                                        : QStringLiteral("info");
        m_icon->setPixmap(ui::Icon::themed(icon, m_tone).pixmap(18, 18));
    }

    QLabel* m_icon;
    QLabel* m_text;
    QBoxLayout* m_middle;
    QHBoxLayout* m_buttons;
    QToolButton* m_close;
    ui::IconTone m_tone = ui::IconTone::Muted;
};

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent)
{
    setObjectName(QStringLiteral("noticeBar"));
    setAccessibleName(tr("Notices"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    makeRow(0);
    hide();
}

NoticeBar::Row* NoticeBar::makeRow(qsizetype idx)
{
    auto* row = new Row(this);
    connect(row->closeButton(), &QToolButton::clicked, this, [this, idx] { remove(idx); });
    layout()->addWidget(row);
    m_rows += row;
    return row;
}

void NoticeBar::add(const Notice& notice)
{
    if (!notice.topic.isEmpty())
        m_notices.removeIf([&](const Notice& each) { return each.topic == notice.topic; });
    // The newest is what somebody waits for; an offer, which nobody asked for, waits for all else.
    const auto firstOffer = std::find_if(
        m_notices.begin(), m_notices.end(), [](const Notice& each) { return each.isOffer; });
    m_notices.insert(notice.isOffer ? firstOffer : m_notices.begin(), notice);
    showNotices();
}

void NoticeBar::drop(const QString& topic)
{
    if (m_notices.removeIf([&](const Notice& each) { return each.topic == topic; }) > 0)
        showNotices();
}

bool NoticeBar::has(const QString& topic) const
{
    return std::any_of(m_notices.begin(), m_notices.end(),
        [&](const Notice& each) { return each.topic == topic; });
}

void NoticeBar::remove(qsizetype idx)
{
    if (idx < m_notices.size())
        m_notices.removeAt(idx);
    showNotices();
}

qsizetype NoticeBar::room() const
{
    return std::max(1, window()->height() / heightOfOne);
}

void NoticeBar::showNotices()
{
    m_shown = std::min(room(), m_notices.size());
    for (qsizetype i = 0; i < m_shown; ++i) {
        const auto notice = m_notices.at(i);
        auto* row = i < m_rows.size() ? m_rows.at(i) : makeRow(i);
        const auto waiting = int(m_notices.size() - m_shown);
        const bool isLast = i + 1 == m_shown;
        row->showNotice(notice.tone,
            isLast && waiting > 0
                ? tr("%1 (%n more below this one)", nullptr, waiting).arg(notice.text)
                : notice.text);
        for (const auto& choice : notice.choices)
            connect(row->addButton(choice.name, choice.text), &QPushButton::clicked, this,
                [this, i, act = choice.act] {
                    remove(i);
                    act();
                });
        row->show();
    }
    for (auto i = m_shown; i < m_rows.size(); ++i) {
        m_rows.at(i)->clear();
        m_rows.at(i)->hide();
    }
    setVisible(m_shown > 0);
}

void NoticeBar::showEvent(QShowEvent* event)
{
    QFrame::showEvent(event);
    window()->installEventFilter(this); // again: it stays one
}

bool NoticeBar::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == window() && event->type() == QEvent::Resize
        && m_shown != std::min(room(), m_notices.size()))
        showNotices();
    return QFrame::eventFilter(watched, event);
}

} // namespace leyden::app
