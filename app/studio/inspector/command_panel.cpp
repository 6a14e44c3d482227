// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/inspector/command_panel.h"

#include "app/studio/export/command_line_text.h"
#include "widgets/common/icon.h"

#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace leyden::app {

CommandPanel::CommandPanel(QWidget* parent)
    : QWidget(parent)
    , m_note(new QLabel(this))
    , m_text(new QPlainTextEdit(this))
    , m_copy(new QPushButton(tr("Copy"), this))
{
    setObjectName(QStringLiteral("commandPanel"));
    m_text->setObjectName(QStringLiteral("commandText"));
    m_text->setAccessibleName(tr("Command line"));
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere); // all of a flag can be seen
    m_text->setMaximumHeight(m_text->fontMetrics().lineSpacing() * 14);
    m_note->setObjectName(QStringLiteral("commandNote"));
    m_note->setWordWrap(true);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_copy->setObjectName(QStringLiteral("copyCommandButton"));
    m_copy->setIcon(ui::Icon::themed(QStringLiteral("copy")));
    connect(m_copy, &QPushButton::clicked, this, &CommandPanel::copyRequested);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(8);
    layout->addWidget(m_note);
    layout->addWidget(m_text);
    layout->addWidget(m_copy, 0, Qt::AlignRight);
    layout->addStretch();
}

void CommandPanel::showCommand(const QString& command, const QString& note)
{
    if (const auto text = brokenAtFlags(command); text != m_text->toPlainText())
        m_text->setPlainText(text); // what is marked in it stays
    m_note->setText(note);
    m_copy->setEnabled(!command.isEmpty());
}

QString CommandPanel::command() const
{
    return m_text->toPlainText();
}

} // namespace leyden::app
