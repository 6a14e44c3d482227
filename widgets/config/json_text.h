// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/config/json.h"

#include <QHash>
#include <QString>

namespace leyden::ui {

/// A document as people write it: two blanks a level, lists of plain values on one line.
QString jsonText(const Json& document);

/// What was read, or why not. Lines and columns count from 1.
struct ParsedJson
{
    Json document;
    QString problem; ///< one sentence; "" if it could be read
    int line = 0;
    int column = 0;
};
ParsedJson parseJsonText(const QString& text);

/// Where in a readable text each value's key (or the value itself, in a list) begins, by pointer.
QHash<QString, int> jsonPositions(const QString& text);

} // namespace leyden::ui
