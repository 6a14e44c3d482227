// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QMenu;
class QMenuBar;

namespace leyden::app {

/// A page to read: text with pictures, or a table.
class HelpDialog final : public QDialog
{
    Q_OBJECT

public:
    HelpDialog(const QString& title, const QString& html, const QSize& size, QWidget* parent);

    /// The page on the views, with its pictures, of the resource folder.
    static HelpDialog* ofViews(const QString& resourceFolder, QWidget* parent);
    /// Every shortcut of the menus, under the name of its menu, then those of `more`.
    struct Group
    {
        QString title;
        QList<std::pair<QString, QString>> keys; ///< what, and by which
    };
    static HelpDialog* ofShortcuts(
        const QMenuBar& menus, const QList<Group>& more, QWidget* parent);
    static QList<Group> shortcutsOf(const QMenuBar& menus);

private:
    static void collect(const QMenu& menu, Group& group);
};

} // namespace leyden::app
