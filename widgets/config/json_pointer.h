// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QString>
#include <QStringList>

#include <string>

namespace leyden::ui {

// JSON pointers (RFC 6901) as text: "" is the whole document, "/trainer/max_epochs" an option.

QStringList pointerTokens(const QString& pointer);
QString childPointer(const QString& pointer, const QString& key);
QString parentPointer(const QString& pointer);                  ///< of "": ""
bool isWithin(const QString& pointer, const QString& ancestor); ///< true for itself

// Places in a run config. A component may be written as its class's name alone, and a list of
// components as one of them; these see both as if they were written out.

/// The value at the place, or null where nothing is written.
const Json* findValue(const Json& config, const QStringList& tokens);

/// The value to assign to; what is missing on the way there is made.
Json& makeValue(Json& config, const QStringList& tokens);

/// Takes the value away. Does nothing where there is none.
void eraseValue(Json& config, const QStringList& tokens);

/// The class_path of a component, "" if this is none.
QString classPathOf(const Json* component);

} // namespace leyden::ui
