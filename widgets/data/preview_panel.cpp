// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/preview_panel.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/data/state_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace leyden::ui {
namespace {
constexpr int patienceMs = 250;
} // namespace

PreviewPanel::PreviewPanel(
    const QString& name, const QString& busy, const QString& loading, QWidget* parent)
    : QWidget(parent)
    , m_loading(loading)
    , m_stack(new QStackedWidget(this))
    , m_state(new StatePage(this))
    , m_content(new QWidget(this))
    , m_title(new ElidedLabel(m_content))
    , m_busy(new QLabel(busy, m_content))
    , m_reload(new QToolButton(m_content))
    , m_summary(new QLabel(m_content))
    , m_body(new QVBoxLayout(m_content))
{
    m_state->setObjectName(name + QStringLiteral("State"));
    m_title->setObjectName(name + QStringLiteral("Title"));
    m_title->setElideMode(Qt::ElideMiddle);
    auto font = m_title->font();
    font.setBold(true);
    m_title->setFont(font);
    m_busy->setObjectName(name + QStringLiteral("Busy"));
    m_busy->setForegroundRole(QPalette::PlaceholderText);
    m_reload->setObjectName(name + QStringLiteral("Reload"));
    m_reload->setIcon(Icon::themed(QStringLiteral("reload")));
    m_reload->setAutoRaise(true);
    m_reload->setToolTip(tr("Read again"));
    m_reload->setAccessibleName(tr("Read again"));
    m_reload->setFocusPolicy(Qt::TabFocus);
    m_reload->hide();
    connect(m_reload, &QToolButton::clicked, this, &PreviewPanel::reloadRequested);
    connect(m_state, &StatePage::retryRequested, this, &PreviewPanel::reloadRequested);
    m_summary->setObjectName(name + QStringLiteral("Summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setForegroundRole(QPalette::PlaceholderText);

    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_busy);
    head->addWidget(m_reload);
    m_body->setContentsMargins(12, 10, 12, 0);
    m_body->setSpacing(6);
    m_body->addLayout(head);
    m_body->addWidget(m_summary);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patienceMs);
    connect(&m_patience, &QTimer::timeout, this, [this] { setOld(true); });
    m_stack->addWidget(m_state);
    m_stack->addWidget(m_content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
}

void PreviewPanel::setReloadable(bool isReloadable)
{
    m_reload->setVisible(isReloadable);
    m_state->setCanRetry(isReloadable);
}

void PreviewPanel::showContent(const QString& title, const QString& summary)
{
    m_title->setText(title);
    showPlainText(*m_summary, summary);
    m_busy->hide();
    m_patience.stop();
    setOld(false);
    m_stack->setCurrentWidget(m_content);
}

void PreviewPanel::setOld(bool isOld)
{
    for (auto* part : m_content->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
        if (part != m_busy)
            part->setEnabled(!isOld);
}

void PreviewPanel::showOld()
{
    m_busy->show();
    m_patience.stop();
    setOld(true);
    if (m_stack->currentWidget() != m_content)
        m_state->showHint(m_loading);
}

void PreviewPanel::showLoading()
{
    m_busy->show();
    if (!m_patience.isActive())
        m_patience.start();
    if (m_stack->currentWidget() != m_content)
        m_state->showHint(m_loading);
}

void PreviewPanel::showHint(const QString& text)
{
    m_patience.stop();
    m_state->showHint(text);
    m_stack->setCurrentWidget(m_state);
}

void PreviewPanel::showProblem(const QString& sentence)
{
    m_patience.stop();
    m_state->showProblem(sentence);
    m_stack->setCurrentWidget(m_state);
}

} // namespace leyden::ui
