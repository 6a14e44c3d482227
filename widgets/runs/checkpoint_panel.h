// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/checkpoint_model.h"

#include <QWidget>

class QPushButton;
class QSortFilterProxyModel;
class QTreeView;

namespace leyden::ui {
/// The checkpoints of a run, and what can be done with one. Asks by signals, does nothing itself.
class CheckpointPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit CheckpointPanel(QWidget* parent = nullptr);

    CheckpointModel* model() const { return m_model; }
    QString selectedPath() const; ///< empty: none

Q_SIGNALS:
    void resumeFromRequested(const QString& path);
    void branchRequested(const QString& path); ///< a new run that starts from it
    void removeRequested(const QString& path);

private:
    void setupView();
    QPushButton* addButton(const char* name, const QString& text, const QString& tip,
        void (CheckpointPanel::*signal)(const QString&));
    void updateButtons();

    CheckpointModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTreeView* m_view;
    QList<QPushButton*> m_buttons;
};
} // namespace leyden::ui
