// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QTreeView;

namespace leyden::ui {
/// A menu on the view's header that shows and hides columns, all but the first. `hidden` are those
/// that a narrow dock has no room for at first.
void addColumnMenu(QTreeView& view, const QList<int>& hidden);
} // namespace leyden::ui
