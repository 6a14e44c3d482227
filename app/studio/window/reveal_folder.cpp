// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/reveal_folder.h"

#include "widgets/common/message_box.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDesktopServices>
#include <QDir>
#include <QGuiApplication>
#include <QMessageBox>
#include <QPushButton>
#include <QUrl>

namespace leyden::app {
namespace {
struct RevealWords
{
    Q_DECLARE_TR_FUNCTIONS(leyden::app::revealFolder)
};
} // namespace

void revealFolder(QWidget* parent, const QString& folder)
{
    if (QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        return;
    const auto path = QDir::toNativeSeparators(folder);
    auto* box = ui::makeMessageBox(parent, QStringLiteral("folder"), ui::IconTone::Accent,
        RevealWords::tr("Show in the file manager"),
        RevealWords::tr("No file manager could be opened."), path);
    box->setObjectName(QStringLiteral("revealBox"));
    box->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* copy = box->addButton(RevealWords::tr("Copy path"), QMessageBox::ActionRole);
    copy->setObjectName(QStringLiteral("copyPath"));
    QObject::connect(
        copy, &QPushButton::clicked, box, [path] { QGuiApplication::clipboard()->setText(path); });
    box->addButton(QMessageBox::Close);
    box->open();
}

} // namespace leyden::app
