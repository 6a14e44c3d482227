// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <functional>

class QWidget;

namespace leyden::app {

/// An answer of a question: `name` is the object name of its button.
struct Answer
{
    QString name;
    QString text;
    std::function<void()> act;
};

/// Asks without an event loop of its own; "cancel" is always an answer, and what Escape gives. The
/// box is called `name` and goes when answered.
void ask(QWidget* parent, const QString& name, const QString& text, const QString& details,
    const QList<Answer>& answers);

} // namespace leyden::app
