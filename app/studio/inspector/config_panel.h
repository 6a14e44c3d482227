// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/session/run_record.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTreeView;

namespace leyden::ui {
class JsonView;
}

namespace leyden::app {
class ChangesModel;

/// A config to look at: what differs from where it came from, and all of it as JSON.
class ConfigPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit ConfigPanel(QWidget* parent = nullptr);

    void showConfig(const ShownConfig& shown);

Q_SIGNALS:
    void chosen(const QString& pointer);
    void openRequested(); ///< the config of a run, as one to edit and to start

private:
    QLabel* m_title;
    QLabel* m_summary;
    QPushButton* m_open;
    ChangesModel* m_model;
    QTreeView* m_changes;
    ui::JsonView* m_json;
    ShownConfig m_shown;
};

} // namespace leyden::app
