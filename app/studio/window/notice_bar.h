// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/icon.h"

#include <QFrame>
#include <QList>

#include <functional>

namespace leyden::app {

/// Lines above the views for what should not be missed: a failed run, one that a crash left.
/// The newest is at the top; those that the window has no room for wait below it.
class NoticeBar final : public QFrame
{
    Q_OBJECT

public:
    static constexpr int heightOfOne = 280; ///< of the window, for each notice that is shown

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
    bool has(const QString& topic) const;

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Row;

    qsizetype room() const; ///< notices that may be shown at once
    void showNotices();
    Row* makeRow(qsizetype idx);
    void remove(qsizetype idx);

    QList<Notice> m_notices;
    QList<Row*> m_rows; ///< as many as were ever shown at once; those without a notice are hidden
    qsizetype m_shown = 0;
};

} // namespace leyden::app
