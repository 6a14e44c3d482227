// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/message_box.h"

#include "widgets/common/plain_text.h"

#include <QLabel>
#include <QMessageBox>

namespace leyden::ui {

QMessageBox* makeMessageBox(QWidget* parent, const QString& icon, IconTone tone,
    const QString& title, const QString& text, const QString& details)
{
    auto* box = new QMessageBox(parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(title);
    box->setIconPixmap(Icon::themed(icon, tone).pixmap(QSize(32, 32), box->devicePixelRatioF()));
    box->setTextFormat(Qt::PlainText);
    box->setText(withShortWords(text));
    box->setInformativeText(withShortWords(details));
    for (auto* label : box->findChildren<QLabel*>()) // also that of the details
        if (label->pixmap().isNull())
            label->setTextFormat(Qt::PlainText);
    return box;
}

void warn(QWidget* parent, const QString& title, const QString& sentence)
{
    auto* box
        = makeMessageBox(parent, QStringLiteral("warning"), IconTone::Warning, title, sentence);
    box->setObjectName(QStringLiteral("warningBox"));
    box->addButton(QMessageBox::Ok);
    box->open();
}

} // namespace leyden::ui
