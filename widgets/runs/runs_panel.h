// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/runs/runs_model.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QMenu;
class QSortFilterProxyModel;
class QTreeView;

namespace leyden::ui {
/// The runs dock: all runs of the runs folder. It asks for actions by signals and does none itself.
class RunsPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit RunsPanel(QWidget* parent = nullptr);

    RunsModel* model() const { return m_model; }
    QTreeView* view() const { return m_view; } ///< its header's state is worth saving
    void setRuns(const QList<RunSummary>& runs);
    void updateRun(const RunSummary& run); ///< one of those that are there, as it is now
    void setFolderGone(bool isGone);
    QStringList selectedFolders() const;
    void selectRun(const QString& folder);
    void clearSelection();
    void fillMenu(QMenu& menu);

Q_SIGNALS:
    void openRequested(const QString& folder);
    void resumeRequested(const QString& folder);
    void deleteRequested(const QStringList& folders);
    void revealRequested(const QString& folder); ///< in the file manager
    void configRequested(const QString& folder); ///< open what it was started with
    void selectionChanged(const QStringList& folders);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setupView();
    void updateEmptyText();
    void fitColumns(); ///< a name is worth more than that of a state

    RunsModel* m_model;
    QSortFilterProxyModel* m_filter;
    QLineEdit* m_search;
    QTreeView* m_view;
    QLabel* m_empty;
    bool m_isFolderGone = false;
    int m_stateWidth = 0;
    int m_nameWidth = 0;
    bool m_isNarrow = false;
    QStringList m_selected; ///< as it was told last
};
} // namespace leyden::ui
