// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/checkpoint_model.h"

#include <QWidget>

class QAction;
class QPushButton;
class QSortFilterProxyModel;
class QToolButton;
class QTreeView;

namespace leyden::ui {
/// The checkpoints of a run, and what can be done with one. Asks by signals, does nothing itself.
class CheckpointPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit CheckpointPanel(QWidget* parent = nullptr);

    CheckpointModel* model() const { return m_model; }
    QString selectedPath() const; ///< empty: none, or several
    QStringList selectedPaths() const;
    /// Selects the checkpoint of that step and shows what can be done with it.
    void popupMenu(double step, const QPoint& globalPosition);

Q_SIGNALS:
    void resumeFromRequested(const QString& path);
    void branchRequested(const QString& path); ///< a new run that starts from it
    void removeRequested(const QString& path);
    void contentsRequested(const QString& path);
    void compareRequested(const QString& older, const QString& newer);
    void exportRequested(const QString& path); ///< its weights, for elsewhere

private:
    void setupView();
    void setupEmptyText();
    QPushButton* addButton(const char* name, const QString& text, const QString& tip,
        void (CheckpointPanel::*signal)(const QString&));
    QAction* addAction(const char* name, const QString& text, const QString& tip,
        void (CheckpointPanel::*signal)(const QString&));
    void addMoreActions();
    void popupMenuOfSelection(const QPoint& globalPosition);
    void updateButtons();

    CheckpointModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTreeView* m_view;
    QList<QPushButton*> m_buttons;
    QToolButton* m_more;
    QAction* m_compare;
    QList<QAction*> m_actions; ///< for one checkpoint
};
} // namespace leyden::ui
