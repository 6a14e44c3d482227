// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/icon.h"

#include <QFrame>
#include <QList>

#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace leyden::app {

/// A line above the views for what should not be missed: a failed run, one that a crash left.
/// The newest is shown, the others wait behind it.
class NoticeBar final : public QFrame
{
    Q_OBJECT

public:
    struct Choice
    {
        QString name; ///< object name of its button
        QString text;
        std::function<void()> act;
    };
    struct Notice
    {
        ui::IconTone tone = ui::IconTone::Warning;
        QString text;
        QList<Choice> choices;
        QString topic;        ///< a newer notice of the same topic takes its place; empty: none
        bool isOffer = false; ///< waits below what answers a hand
    };

    explicit NoticeBar(QWidget* parent = nullptr);

    void add(const Notice& notice);
    void drop(const QString& topic);
    QString text() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showFirst();

    QList<Notice> m_notices;
    QLabel* m_icon;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
    QToolButton* m_close;
};

} // namespace leyden::app
