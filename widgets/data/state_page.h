// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace leyden::ui {

/// Says in the middle of a panel why it shows nothing: there is nothing yet, it is being read, or
/// it cannot be.
class StatePage final : public QWidget
{
    Q_OBJECT

public:
    explicit StatePage(QWidget* parent = nullptr);

    void showHint(const QString& text);
    void showProblem(const QString& sentence);
    QString text() const;
    void setCanRetry(bool canRetry); ///< whether a problem has a button that asks to look again

Q_SIGNALS:
    void retryRequested();

private:
    void setText(const QString& text, const QString& icon, bool isProblem);

    QLabel* m_icon;
    QLabel* m_text;
    QPushButton* m_retry;
    bool m_canRetry = false;
};

} // namespace leyden::ui
