// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/branch_dialog.h"

#include "widgets/common/plain_text.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace leyden::ui {
BranchDialog::BranchDialog(const QString& checkpoint, QWidget* parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("branchDialog"));
    setWindowTitle(tr("New run from a checkpoint"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(10);
    auto* text = new QLabel(withShortWords(tr("What does the new run take from %1?").arg(checkpoint)), this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    layout->addWidget(text);
    addPart("weights", tr("&Weights"), tr("The model's parameters, and what was fitted to the data (means, classes)"));
    addPart("optimizer", tr("&Optimizer"), tr("Its moments and hyper-parameters; else those of the config"));
    addPart("lr_scheduler", tr("&Schedule"), tr("The place in the learning rate's schedule; else it starts over"));
    addPart("loops", tr("&Counters"),
        tr("Epoch, step, place in the data, random states and callbacks; else the run counts from 0"));
    for (auto* part : m_parts)
        layout->addWidget(part);
    auto* note = new QLabel(tr("The config opens next. Nothing starts before you press Start."), this);
    note->setObjectName(QStringLiteral("branchNote"));
    note->setWordWrap(true);
    layout->addWidget(note);
    layout->addStretch();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_accept = buttons->addButton(tr("Open config"), QDialogButtonBox::AcceptRole);
    m_accept->setObjectName(QStringLiteral("branchAccept"));
    m_accept->setDefault(true);
    buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false); // Return never cancels, wherever the focus is
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    setMinimumWidth(380);
}

void BranchDialog::addPart(const char* name, const QString& text, const QString& tip)
{
    auto* part = new QCheckBox(text, this);
    part->setObjectName(QLatin1String(name));
    part->setToolTip(tip);
    part->setAccessibleDescription(tip);
    part->setChecked(true);
    connect(part, &QCheckBox::toggled, this, &BranchDialog::update);
    m_parts += part;
}

void BranchDialog::update()
{
    m_accept->setEnabled(std::any_of(m_parts.begin(), m_parts.end(), [](auto* part) { return part->isChecked(); }));
}

QStringList BranchDialog::parts() const
{
    QStringList names;
    for (const auto* part : m_parts)
        if (part->isChecked())
            names += part->objectName();
    return names;
}
} // namespace leyden::ui
