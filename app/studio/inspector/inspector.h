// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
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

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Tab
    {
        QString name;
        QString icon;
    };
    void addNamedTab(QWidget* page, const Tab& tab);
    void fitTabs(); ///< icons instead of names where these have no room

    QWidget* runPage();

    SteeringPanel* m_steering;
    EarlyStoppingPanel* m_earlyStopping;
    ConfigPanel* m_config;
    ui::CheckpointPanel* m_checkpoints;
    CommandPanel* m_command;
    QList<Tab> m_tabs;
    bool m_isNarrow = false;
};

} // namespace leyden::app
