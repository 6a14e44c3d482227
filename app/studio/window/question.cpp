// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/question.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace leyden::app {

void ask(QWidget* parent, const QString& name, const QString& text, const QString& details,
    const QList<Answer>& answers)
{
    auto* box = new QMessageBox(parent);
    box->setObjectName(name);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIcon(QMessageBox::Question);
    box->setText(text);
    box->setInformativeText(details);
    for (const auto& answer : answers) {
        auto* button = box->addButton(answer.text, QMessageBox::AcceptRole);
        button->setObjectName(answer.name);
        QObject::connect(button, &QPushButton::clicked, parent, answer.act);
    }
    auto* cancel = box->addButton(QMessageBox::Cancel);
    cancel->setObjectName(QStringLiteral("cancel"));
    box->setDefaultButton(cancel);
    box->setEscapeButton(cancel);
    box->open();
}

} // namespace leyden::app
