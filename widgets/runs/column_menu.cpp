// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/column_menu.h"

#include <QAction>
#include <QHeaderView>
#include <QTreeView>

namespace leyden::ui {
void addColumnMenu(QTreeView& view, const QList<int>& hidden)
{
    auto* header = view.header();
    header->setContextMenuPolicy(Qt::ActionsContextMenu);
    for (int column = 1; column < header->count(); ++column) {
        auto* action
            = new QAction(view.model()->headerData(column, Qt::Horizontal).toString(), header);
        action->setCheckable(true);
        action->setChecked(!hidden.contains(column));
        header->setSectionHidden(column, hidden.contains(column));
        QObject::connect(action, &QAction::toggled, header,
            [header, column](bool on) { header->setSectionHidden(column, !on); });
        header->addAction(action);
    }
}
} // namespace leyden::ui
