// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;

namespace leyden::ui {

/// Shows where files may be dropped. The page around it takes the drops and tells it what to show.
class DropZone final : public QWidget
{
    Q_OBJECT

public:
    explicit DropZone(QWidget* parent = nullptr);

    void showInvitation();
    void showWelcome(const QString& text); ///< a file that will be taken hovers over the page
    void showProblem(const QString& sentence);
    QString text() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    enum class State { Invitation, Welcome, Problem };

    void show(State state, const QString& text);
    void refresh();

    State m_state = State::Invitation;
    QLabel* m_icon;
    QLabel* m_text;
};

} // namespace leyden::ui
