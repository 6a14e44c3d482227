// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace leyden::ui {

class ElidedLabel;
class StatePage;

/// Shows a part of the config as it stands: title, summary and what a subclass puts below them; or
/// why there is nothing to show.
class PreviewPanel : public QWidget
{
    Q_OBJECT

public Q_SLOTS:
    /// What is shown stays, with a note; it is greyed once the reading takes more than a moment, so
    /// that an edit makes nothing flicker.
    void showLoading();
    void showOld();                     ///< what is shown belongs to another config: greyed at once
    void showHint(const QString& text); ///< why there is nothing, where nothing is wrong
    void showProblem(const QString& sentence);
    void setReloadable(bool isReloadable); ///< with a button that asks to look again

Q_SIGNALS:
    void reloadRequested();

protected:
    /// name: begins the object names. busy: the note beside the title. loading: stands alone.
    PreviewPanel(const QString& name, const QString& busy, const QString& loading, QWidget* parent);

    QWidget* content() const { return m_content; }
    QVBoxLayout* body() const { return m_body; } ///< below the summary
    ElidedLabel* title() const { return m_title; }
    QLabel* summary() const { return m_summary; }
    void showContent(const QString& title, const QString& summary);

private:
    void setOld(bool isOld);

    QString m_loading;
    QTimer m_patience; ///< with a reading, before what is shown is greyed
    QStackedWidget* m_stack;
    StatePage* m_state;
    QWidget* m_content;
    ElidedLabel* m_title;
    QLabel* m_busy;
    QToolButton* m_reload;
    QLabel* m_summary;
    QVBoxLayout* m_body;
};

} // namespace leyden::ui
