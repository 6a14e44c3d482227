// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/log/log_model.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QToolButton;
class QTreeView;

namespace leyden::ui {
/// The log dock: level, search, follow, copy. A long line is wrapped; none is cut. Of news with many
/// lines (a table of layers) the first one is shown, and the tool tip and the copy have all.
class LogPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit LogPanel(QWidget* parent = nullptr);

    LogModel* model() const { return m_model; }
    void setModel(LogModel* model); ///< shows another log; both live elsewhere
    void appendEntries(const QList<LogEntry>& entries) { m_model->appendEntries(entries); }
    bool isFollowing() const;
    void setFollowing(bool following);
    /// The chosen lines (all that pass the filter if none is chosen), tab-separated.
    QString selectedText() const;

private:
    void setupBar();
    void setupView();
    void showMenu(const QPoint& position);
    void copy();

    LogModel* m_model;
    LogFilterModel* m_filter;
    QComboBox* m_level;
    QLineEdit* m_search;
    QToolButton* m_follow;
    QTreeView* m_view;
};
} // namespace leyden::ui
