// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QMimeData;

namespace leyden::ui {

/// What a dragged file would be opened as.
struct DroppedFile
{
    enum class Kind { None, Config, Csv };

    Kind kind = Kind::None;
    QString path;
    QString problem; ///< why it is None, as a sentence; "" where no file is dragged at all
};

/// Judges by the name alone: a .json, .yaml or .yml, or a .csv or .csv.gz, and only one.
DroppedFile droppedFile(const QMimeData* mimeData);

} // namespace leyden::ui
