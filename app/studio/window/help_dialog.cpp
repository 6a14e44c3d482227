// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/help_dialog.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QMenu>
#include <QMenuBar>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace leyden::app {

HelpDialog::HelpDialog(
    const QString& title, const QString& html, const QSize& size, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("helpBox"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    auto* text = new QTextBrowser(this);
    text->setObjectName(QStringLiteral("helpText"));
    text->setAccessibleName(title);
    text->setFrameShape(QFrame::NoFrame);
    text->setOpenExternalLinks(true);
    text->document()->setDocumentMargin(12);
    text->setHtml(html);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 10);
    layout->addWidget(text, 1);
    layout->addWidget(buttons);
    buttons->setContentsMargins(14, 0, 14, 0);
    // Its frame too lies within the window: the button is to be seen on every screen.
    resize(parent ? size.boundedTo(parent->window()->size() - QSize(40, 60)) : size);
}

HelpDialog* HelpDialog::ofViews(const QString& resourceFolder, QWidget* parent)
{
    const QDir folder(resourceFolder + QStringLiteral("/help"));
    QFile page(folder.filePath(QStringLiteral("studio.html")));
    const auto html = page.open(QIODevice::ReadOnly)
        ? QString::fromUtf8(page.readAll())
        : tr("<p>The help page is missing: %1. Install Leyden anew.</p>")
              .arg(QDir::toNativeSeparators(page.fileName()).toHtmlEscaped());
    auto* dialog = new HelpDialog(tr("Leyden Help"), {}, {760, 720}, parent);
    auto* text = dialog->findChild<QTextBrowser*>(QStringLiteral("helpText"));
    text->setSearchPaths({folder.path()}); // of its pictures
    text->setHtml(html);
    return dialog;
}

void HelpDialog::collect(const QMenu& menu, Group& group)
{
    for (const auto* action : menu.actions()) {
        if (action->menu()) {
            collect(*action->menu(), group);
            continue;
        }
        if (action->shortcut().isEmpty() || action->isSeparator())
            continue;
        auto text = action->whatsThis().isEmpty() ? action->text() : action->whatsThis();
        group.keys.append(
            {text.remove(QLatin1Char('&')), action->shortcut().toString(QKeySequence::NativeText)});
    }
}

QList<HelpDialog::Group> HelpDialog::shortcutsOf(const QMenuBar& menus)
{
    QList<Group> groups;
    for (const auto* action : menus.actions()) {
        if (!action->menu())
            continue;
        Group group{action->text().remove(QLatin1Char('&')), {}};
        collect(*action->menu(), group);
        if (!group.keys.isEmpty())
            groups += group;
    }
    return groups;
}

HelpDialog* HelpDialog::ofShortcuts(
    const QMenuBar& menus, const QList<Group>& more, QWidget* parent)
{
    QString rows;
    for (const auto& group : shortcutsOf(menus) + more) {
        rows += QStringLiteral("<tr><td colspan=3 style=\"padding-top:10px\"><b>%1</b></td></tr>")
                    .arg(group.title.toHtmlEscaped());
        for (const auto& [text, keys] : group.keys)
            rows += QStringLiteral("<tr><td>%1</td><td width=32></td><td>%2</td></tr>")
                        .arg(text.toHtmlEscaped(), keys.toHtmlEscaped());
    }
    return new HelpDialog(tr("Keyboard shortcuts"), QStringLiteral("<table>%1</table>").arg(rows),
        {560, 640}, parent);
}

} // namespace leyden::app
