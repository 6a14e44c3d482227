// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/state_page.h"

#include "widgets/common/icon.h"

#include <QLabel>
#include <QVBoxLayout>

namespace leyden::ui {

StatePage::StatePage(QWidget* parent)
    : QWidget(parent), m_icon(new QLabel(this)), m_text(new QLabel(this))
{
    m_icon->setAlignment(Qt::AlignCenter);
    m_text->setObjectName(QStringLiteral("stateText"));
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText); // a message may hold what looks like HTML
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setMinimumWidth(1); // wraps anywhere rather than widen the panel
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(10);
    layout->addStretch();
    layout->addWidget(m_icon);
    layout->addWidget(m_text);
    layout->addStretch();
}

void StatePage::showHint(const QString& text)
{
    setText(text, QStringLiteral("info"), false);
}

void StatePage::showProblem(const QString& sentence)
{
    setText(sentence, QStringLiteral("error"), true);
}

QString StatePage::text() const
{
    return m_text->text();
}

void StatePage::setText(const QString& text, const QString& icon, bool isProblem)
{
    m_icon->setPixmap(
        Icon::themed(icon, isProblem ? IconTone::Error : IconTone::Muted).pixmap(28, 28));
    m_text->setForegroundRole(isProblem ? QPalette::WindowText : QPalette::PlaceholderText);
    m_text->setText(text);
    setAccessibleName(text);
}

} // namespace leyden::ui
