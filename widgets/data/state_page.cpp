// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/state_page.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace leyden::ui {

StatePage::StatePage(QWidget* parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
    , m_retry(new QPushButton(tr("Read again"), this))
{
    m_retry->setObjectName(QStringLiteral("stateRetry"));
    m_retry->setIcon(Icon::themed(QStringLiteral("reload")));
    m_retry->setAutoDefault(false);
    m_retry->hide();
    connect(m_retry, &QPushButton::clicked, this, &StatePage::retryRequested);
    m_icon->setAlignment(Qt::AlignCenter);
    m_text->setObjectName(QStringLiteral("stateText"));
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(10);
    layout->addStretch();
    layout->addWidget(m_icon);
    layout->addWidget(m_text);
    layout->addWidget(m_retry, 0, Qt::AlignHCenter);
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
    return accessibleName();
}

void StatePage::setCanRetry(bool canRetry)
{
    m_canRetry = canRetry;
}

void StatePage::setText(const QString& text, const QString& icon, bool isProblem)
{
    m_icon->setPixmap(
        Icon::themed(icon, isProblem ? IconTone::Error : IconTone::Muted).pixmap(28, 28));
    m_text->setForegroundRole(isProblem ? QPalette::WindowText : QPalette::PlaceholderText);
    showPlainText(*m_text, text);
    setAccessibleName(text);
    m_retry->setVisible(isProblem && m_canRetry);
}

} // namespace leyden::ui
