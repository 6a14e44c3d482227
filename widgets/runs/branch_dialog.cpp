// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/branch_dialog.h"

#include "widgets/common/elided_label.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
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
    auto* name = new ElidedLabel(this);
    name->setText(checkpoint);
    layout->addWidget(new QLabel(tr("What does the new run take from this checkpoint?"), this));
    layout->addWidget(name);
    addPart("weights", tr("&Weights"),
        tr("The model's parameters, and what was fitted to the data (means, classes)"));
    addPart("optimizer", tr("&Optimizer"),
        tr("Its moments and hyper-parameters; else new ones by the config"));
    addPart("lr_scheduler", tr("&Schedule"),
        tr("The place in the learning rate's schedule; else it starts over"));
    addPart("loops", tr("&Counters"),
        tr("Epoch, step, place in the data, random states and callbacks; else the run counts from "
           "0"));
    auto* note
        = new QLabel(tr("The config opens next. Nothing starts before you press Start."), this);
    note->setObjectName(QStringLiteral("branchNote"));
    note->setWordWrap(true);
    layout->addWidget(note);
    layout->addStretch();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_accept = buttons->addButton(tr("Open config"), QDialogButtonBox::AcceptRole);
    m_accept->setObjectName(QStringLiteral("branchAccept"));
    m_accept->setDefault(true);
    // Return never cancels, wherever the focus is
    buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    setMinimumWidth(420);
}

void BranchDialog::addPart(const char* name, const QString& text, const QString& tip)
{
    auto* part = new QCheckBox(text, this);
    part->setObjectName(QLatin1String(name));
    part->setAccessibleDescription(tip);
    part->setChecked(true);
    connect(part, &QCheckBox::toggled, this, &BranchDialog::updateButtons);
    m_parts += part;
    auto* note = new QLabel(tip, this);
    note->setForegroundRole(QPalette::PlaceholderText);
    note->setWordWrap(true);
    const auto* look = part->style();
    note->setIndent(look->pixelMetric(QStyle::PM_IndicatorWidth, nullptr, part)
        + look->pixelMetric(QStyle::PM_CheckBoxLabelSpacing, nullptr, part));
    auto* both = new QVBoxLayout;
    both->setSpacing(2);
    both->addWidget(part);
    both->addWidget(note);
    qobject_cast<QVBoxLayout*>(layout())->addLayout(both);
}

void BranchDialog::updateButtons()
{
    m_accept->setEnabled(
        std::any_of(m_parts.begin(), m_parts.end(), [](auto* part) { return part->isChecked(); }));
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
