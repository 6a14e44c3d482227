// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/preview_tabs.h"

#include "widgets/common/icon.h"

#include <QTabBar>
#include <QToolButton>

namespace leyden::app {

PreviewTabs::PreviewTabs(QWidget* parent) : QTabWidget(parent), m_fold(new QToolButton(this))
{
    setObjectName(QStringLiteral("configLooks"));
    setDocumentMode(true);
    m_fold->setObjectName(QStringLiteral("foldLooks"));
    m_fold->setAutoRaise(true);
    m_fold->setFocusPolicy(Qt::TabFocus);
    connect(m_fold, &QToolButton::clicked, this, [this] { choose(!m_isFolded); });
    setCornerWidget(m_fold);
    connect(this, &QTabWidget::tabBarClicked, this, [this](int index) {
        if (index >= 0 && m_isFolded)
            choose(false);
    });
    setFolded(false);
}

void PreviewTabs::fitTo(int windowHeight)
{
    const bool isLow = windowHeight < lowWindow;
    if (isLow != m_wasLow)
        m_isChosen = false;
    m_wasLow = isLow;
    if (!m_isChosen)
        setFolded(isLow);
}

void PreviewTabs::choose(bool isFolded)
{
    m_isChosen = true;
    setFolded(isFolded);
}

void PreviewTabs::setFolded(bool isFolded)
{
    m_isFolded = isFolded;
    m_fold->setIcon(ui::Icon::themed(
        isFolded ? QStringLiteral("up") : QStringLiteral("chevron-down"), ui::IconTone::Muted));
    m_fold->setToolTip(isFolded ? tr("Show data and model") : tr("Leave the room to the form"));
    m_fold->setAccessibleName(m_fold->toolTip());
    setMaximumHeight(isFolded ? tabBar()->sizeHint().height() + 2 : QWIDGETSIZE_MAX);
    setMinimumHeight(isFolded ? maximumHeight() : 0);
}

} // namespace leyden::app
