// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/inspector.h"

#include "app/studio/inspector/command_panel.h"
#include "app/studio/inspector/config_panel.h"
#include "app/studio/inspector/early_stopping_panel.h"
#include "app/studio/inspector/steering_panel.h"
#include "widgets/runs/checkpoint_panel.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace leyden::app {

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
    setMinimumWidth(290);
    addTab(runPage(), tr("Run"));
    addTab(m_config, tr("Config"));
    addTab(m_checkpoints, tr("Checkpoints"));
    addTab(m_command, tr("Command"));
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
