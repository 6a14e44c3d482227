// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/icon.h"

class QMessageBox;
class QString;
class QWidget;

namespace leyden::ui {

/// A box with an icon of ours, and with texts shown as they stand, however they look. It goes when
/// it is closed; open() it.
QMessageBox* makeMessageBox(QWidget* parent, const QString& icon, IconTone tone,
    const QString& title, const QString& text, const QString& details = {});

/// Says what could not be done, without an event loop of its own.
void warn(QWidget* parent, const QString& title, const QString& sentence);

} // namespace leyden::ui
