// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/activity_bar.h"

#include <QActionGroup>
#include <QToolButton>

namespace leyden::app {

ActivityBar::ActivityBar(QActionGroup& views, QWidget* parent) : QToolBar(tr("Views"), parent)
{
    setObjectName(QStringLiteral("activityBar"));
    setMovable(false);
    setOrientation(Qt::Vertical);
    setIconSize({24, 24});
    setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    setContextMenuPolicy(Qt::PreventContextMenu);
    addActions(views.actions());
    const int width = fontMetrics().horizontalAdvance(tr("Configure")) + 20;
    for (auto* action : views.actions()) {
        auto* button = static_cast<QToolButton*>(widgetForAction(action));
        button->setObjectName(action->objectName() + QStringLiteral("Button"));
        button->setFixedSize(width, 54);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAccessibleName(action->text());
    }
}

} // namespace leyden::app
