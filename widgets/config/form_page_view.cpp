// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/form_page_view.h"

#include "widgets/common/icon.h"
#include "widgets/config/field_row.h"
#include "widgets/config/form_pages.h"
#include "widgets/config/options_view.h"

#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace leyden::ui {

FormPageView::FormPageView(FormContext& context, const FormPage& page, QWidget* parent)
    : QScrollArea(parent), m_context(context)
{
    setObjectName(QStringLiteral("page:") + page.id);
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    auto* content = new QWidget(this);
    content->setMaximumWidth(880);
    auto* title = new QLabel(page.title, content);
    auto large = title->font();
    large.setPointSizeF(large.pointSizeF() * 1.5);
    large.setWeight(QFont::DemiBold);
    title->setFont(large);
    title->setContentsMargins(12, 0, 0, 4);
    m_options = new OptionsView(context, page.options, page.title, content);
    m_nothing = new QLabel(tr("No option on this page fits the search."), content);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);
    m_nothing->setContentsMargins(12, 8, 0, 0);
    m_more = new QToolButton(content);
    m_more->setObjectName(QStringLiteral("more:") + page.id);
    m_more->setAutoRaise(true);
    m_more->setIcon(Icon::themed(QStringLiteral("chevron-down"), IconTone::Accent));
    m_more->setIconSize({16, 16});
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_more->setFocusPolicy(Qt::StrongFocus);
    connect(m_more, &QToolButton::clicked, this, &FormPageView::allRequested);

    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 16, 12, 24);
    layout->setSpacing(4);
    layout->addWidget(title);
    layout->addWidget(m_options);
    layout->addWidget(m_nothing);
    auto* end = new QHBoxLayout;
    end->setContentsMargins(8, 4, 0, 0);
    end->addWidget(m_more);
    end->addStretch();
    layout->addLayout(end);
    layout->addStretch();
    setWidget(content);
}

FilterResult FormPageView::applyFilter()
{
    const auto result = m_options->applyFilter();
    m_nothing->setVisible(!m_context.words.isEmpty() && result.matches == 0);
    m_more->setText(result.hidden == 1 ? tr("Show 1 advanced option")
                                       : tr("Show %1 advanced options").arg(result.hidden));
    m_more->setVisible(result.hidden > 0);
    return result;
}

FieldRow* FormPageView::row(const QString& pointer) const
{
    return findChild<FieldRow*>(QStringLiteral("row:") + pointer);
}

} // namespace leyden::ui
