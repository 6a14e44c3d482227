// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/narrow_tool_bar.h"

#include <QLayout>

#include <algorithm>
#include <utility>

namespace leyden::ui {

NarrowToolBar::NarrowToolBar(QWidget* parent) : QToolBar(parent) { }

void NarrowToolBar::addStep(Step step)
{
    m_steps += std::move(step);
}

int NarrowToolBar::neededWidth() const
{
    const auto margins = layout()->contentsMargins();
    int width = margins.left() + margins.right();
    for (auto* action : actions()) {
        const auto* widget = widgetForAction(action);
        if (action->isVisible() && widget)
            width += std::max(widget->minimumWidth(),
                         std::min(widget->minimumSizeHint().width(), widget->maximumWidth()))
                + layout()->spacing();
    }
    return width;
}

void NarrowToolBar::fit()
{
    for (const auto& step : std::as_const(m_steps))
        step(false);
    for (const auto& step : std::as_const(m_steps)) {
        if (neededWidth() <= width())
            return;
        step(true);
    }
}

void NarrowToolBar::resizeEvent(QResizeEvent* event)
{
    fit();
    QToolBar::resizeEvent(event);
}

void NarrowToolBar::showEvent(QShowEvent* event)
{
    fit(); // fonts and styles are known by now
    QToolBar::showEvent(event);
}

} // namespace leyden::ui
