// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/window/question.h"

#include "widgets/common/message_box.h"

#include <QMessageBox>
#include <QPushButton>

namespace leyden::app {

QMessageBox* ask(QWidget* parent, const QString& name, const QString& text, const QString& details,
    const QList<Answer>& answers, Stakes stakes)
{
    const bool isLoss = stakes == Stakes::Loss;
    auto* box
        = ui::makeMessageBox(parent, isLoss ? QStringLiteral("warning") : QStringLiteral("info"),
            isLoss ? ui::IconTone::Warning : ui::IconTone::Accent, QStringLiteral("Leyden"), text,
            details);
    box->setObjectName(name);
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
    return box;
}

} // namespace leyden::app
