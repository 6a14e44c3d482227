// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>

namespace leyden::ui {

/// A menu to fill and popup(). It goes when it closes, or with its parent, for a run that begins
/// takes charts away while their menus are open.
inline QMenu* newPopupMenu(QWidget* parent)
{
    auto* menu = new QMenu(parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    return menu;
}

} // namespace leyden::ui
