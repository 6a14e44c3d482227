// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/log/log_model.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QToolButton;
class QTreeView;

namespace leyden::ui {
/// The log dock: level, search, follow, copy. A long line scrolls sideways; none is cut.
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

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setupBar();
    void setupView();
    void setupWidth();
    void widenFor(int first, int last); ///< rows of the view
    void fitWidth();
    void showMenu(const QPoint& position);
    void copy();

    LogModel* m_model;
    LogFilterModel* m_filter;
    QComboBox* m_level;
    QLineEdit* m_search;
    QToolButton* m_follow;
    QTreeView* m_view;
    QTimer m_shrink;         ///< measures anew some time after lines have gone
    qsizetype m_longest = 0; ///< characters of the longest line
    int m_textWidth = 0;     ///< pixels of the widest one
};
} // namespace leyden::ui
