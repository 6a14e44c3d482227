// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/start/preset_button.h"
#include "widgets/start/recent_configs_view.h"

#include <QList>
#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace leyden::ui {

class DropZone;
class PresetGrid;

/// Where a session begins: presets, recent configs, files. It opens nothing itself.
class StartPage final : public QWidget
{
    Q_OBJECT

public:
    explicit StartPage(QWidget* parent = nullptr);

    void setPresets(const QList<PresetCard>& presets);
    void setRecentConfigs(const QList<RecentConfig>& configs);   ///< the newest first
    void setFolder(const QString& folder) { m_folder = folder; } ///< where file dialogs begin

public Q_SLOTS:
    void openConfig(); ///< asks for a file
    void openCsv();

Q_SIGNALS:
    void presetChosen(const QString& name);
    void configChosen(const QString& path);
    void csvChosen(const QString& path);
    void forgetRecentRequested(const QString& path);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeHead();
    QWidget* makePresets();
    QWidget* makeFiles();
    void ask(const QString& name, const QString& title, const QString& filter,
        void (StartPage::*signal)(const QString&));

    QString m_folder;
    QBoxLayout* m_columns = nullptr; ///< side by side where there is room
    QWidget* m_files = nullptr;
    PresetGrid* m_presets = nullptr;
    QPushButton* m_openConfig = nullptr;
    QPushButton* m_openCsv = nullptr;
    DropZone* m_dropZone = nullptr;
    RecentConfigsView* m_recent = nullptr;
    QLabel* m_noRecent = nullptr;
};

} // namespace leyden::ui
