// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <functional>

class QMessageBox;
class QWidget;

namespace leyden::app {

/// An answer of a question: `name` is the object name of its button.
struct Answer
{
    QString name;
    QString text;
    std::function<void()> act;
};

/// Whether an answer takes away what cannot be brought back.
enum class Stakes { None, Loss };

/// Asks without an event loop of its own; "cancel" is always an answer, and what Escape gives. The
/// box is called `name` and goes when answered. Gives the box.
QMessageBox* ask(QWidget* parent, const QString& name, const QString& text, const QString& details,
    const QList<Answer>& answers, Stakes stakes = Stakes::None);

} // namespace leyden::app
