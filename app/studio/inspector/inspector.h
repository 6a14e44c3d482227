// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

namespace leyden::ui {
class CheckpointPanel;
}

namespace leyden::app {
class CommandPanel;
class ConfigPanel;
class EarlyStoppingPanel;
class SteeringPanel;

/// The right dock: steer the run, its config, its checkpoints, its command.
class Inspector final : public QTabWidget
{
    Q_OBJECT

public:
    explicit Inspector(QWidget* parent = nullptr);

    SteeringPanel* steering() const { return m_steering; }
    EarlyStoppingPanel* earlyStopping() const { return m_earlyStopping; }
    ConfigPanel* config() const { return m_config; }
    ui::CheckpointPanel* checkpoints() const { return m_checkpoints; }
    CommandPanel* command() const { return m_command; }

private:
    QWidget* runPage();

    SteeringPanel* m_steering;
    EarlyStoppingPanel* m_earlyStopping;
    ConfigPanel* m_config;
    ui::CheckpointPanel* m_checkpoints;
    CommandPanel* m_command;
};

} // namespace leyden::app
