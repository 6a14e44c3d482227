// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/inspector.h"

#include "app/studio/inspector/command_panel.h"
#include "app/studio/inspector/config_panel.h"
#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/inspector/steering_panel.h"
#include "widgets/common/icon.h"
#include "widgets/runs/checkpoint_panel.h"

#include <QScrollArea>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::app {
namespace {
constexpr int narrowest = 270;
} // namespace

Inspector::Inspector(QWidget* parent)
    : QTabWidget(parent)
    , m_steering(new SteeringPanel)
    , m_earlyStopping(new EarlyStoppingPanel)
    , m_config(new ConfigPanel(this))
    , m_checkpoints(new ui::CheckpointPanel(this))
    , m_command(new CommandPanel(this))
{
    setObjectName(QStringLiteral("inspectorTabs"));
    setDocumentMode(true);
    setMinimumWidth(narrowest);
    addNamedTab(runPage(), {tr("Run"), QStringLiteral("sliders")});
    addNamedTab(m_config, {tr("Config"), QStringLiteral("list")});
    addNamedTab(m_checkpoints, {tr("Checkpoints"), QStringLiteral("checkpoint")});
    addNamedTab(m_command, {tr("Command"), QStringLiteral("code")});
}

void Inspector::addNamedTab(QWidget* page, const Tab& tab)
{
    const int index = addTab(page, tab.name);
    setTabToolTip(index, tab.name);
    tabBar()->setAccessibleTabName(index, tab.name);
    m_tabs += tab;
}

void Inspector::fitTabs()
{
    constexpr int around = 26; // of a name, by the style
    int needed = 0;
    for (const auto& tab : std::as_const(m_tabs))
        needed += tabBar()->fontMetrics().horizontalAdvance(tab.name) + around;
    const bool isNarrow = width() < needed;
    if (isNarrow == m_isNarrow)
        return;
    m_isNarrow = isNarrow;
    for (int index = 0; index < m_tabs.size(); ++index) {
        setTabText(index, isNarrow ? QString() : m_tabs[index].name);
        setTabIcon(index, isNarrow ? ui::Icon::themed(m_tabs[index].icon) : QIcon());
    }
}

void Inspector::resizeEvent(QResizeEvent* event)
{
    QTabWidget::resizeEvent(event);
    fitTabs();
}

void Inspector::showEvent(QShowEvent* event)
{
    fitTabs(); // the font is known by now
    setMinimumWidth(std::max(narrowest, m_steering->minimumSizeHint().width())); // none scrolls
    QTabWidget::showEvent(event);
}

QWidget* Inspector::runPage()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_steering);
    layout->addWidget(m_earlyStopping);
    layout->addStretch();
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(page);
    return scroll;
}

} // namespace leyden::app
