// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/json_editor.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_document.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/json_text.h"
#include "widgets/config/json_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScopedValueRollback>
#include <QToolButton>

namespace leyden::ui {

JsonEditor::JsonEditor(ConfigDocument& document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_view(new JsonView(this))
    , m_strip(new QWidget(this))
    , m_message(new QLabel(m_strip))
{
    m_view->setObjectName(QStringLiteral("jsonText"));
    m_view->setAccessibleName(tr("Config as JSON"));
    m_message->setObjectName(QStringLiteral("jsonProblem"));
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    auto* icon = new QToolButton(m_strip);
    icon->setIcon(Icon::themed(QStringLiteral("error"), IconTone::Error));
    icon->setAutoRaise(true);
    icon->setFocusPolicy(Qt::NoFocus);
    icon->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* stripLayout = new QHBoxLayout(m_strip);
    stripLayout->setContentsMargins(8, 4, 8, 4);
    stripLayout->addWidget(icon, 0, Qt::AlignTop);
    stripLayout->addWidget(m_message, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_strip);
    m_strip->hide();

    m_view->showText(jsonText(document.config()));
    m_view->goTo(0);
    connect(m_view, &QPlainTextEdit::textChanged, this, &JsonEditor::onTyped);
    connect(m_view, &JsonView::undoRequested, this, &JsonEditor::undo);
    connect(m_view, &JsonView::redoRequested, document.undoStack(), &QUndoStack::redo);
    connect(m_view, &JsonView::left, &document, &ConfigDocument::finishEdit);
    connect(&document, &ConfigDocument::changed, this, &JsonEditor::onDocumentChanged);
    connect(&document, &ConfigDocument::problemsChanged, this, &JsonEditor::markProblems);
    markProblems();
}

QString JsonEditor::problem() const
{
    return m_strip->isHidden() ? QString() : m_message->text();
}

void JsonEditor::onTyped()
{
    if (m_isApplying)
        return;
    const QScopedValueRollback applying(m_isApplying, true);
    auto parsed = parseJsonText(m_view->toPlainText());
    if (parsed.problem.isEmpty() && !parsed.document.is_object()) {
        parsed.problem = tr("expected an object with model, data, optimizer and trainer");
        parsed.line = parsed.column = 1;
    }
    if (!parsed.problem.isEmpty()) {
        showProblem(
            tr("Line %1, column %2: %3").arg(parsed.line).arg(parsed.column).arg(parsed.problem));
        m_view->setMarks({{parsed.line, parsed.problem}});
        return;
    }
    showProblem({});
    m_document.replace(parsed.document);
    markProblems();
}

void JsonEditor::onDocumentChanged()
{
    if (m_isApplying)
        return;
    const QScopedValueRollback applying(m_isApplying, true);
    const auto shown = parseJsonText(m_view->toPlainText());
    const bool isSame
        = shown.problem.isEmpty() && shown.document.dump() == m_document.config().dump();
    if (!isSame) // else keep the layout that somebody gave it
        m_view->showText(jsonText(m_document.config()));
    showProblem({});
    markProblems();
}

void JsonEditor::undo()
{
    if (problem().isEmpty())
        m_document.undoStack()->undo();
    else
        onDocumentChanged(); // takes back what cannot be read
}

void JsonEditor::showProblem(const QString& text)
{
    m_document.setTextProblem(
        text.isEmpty() ? QString() : tr("The JSON text cannot be read. %1").arg(text));
    m_strip->setVisible(!text.isEmpty());
    showPlainText(*m_message, text);
    auto colors = palette();
    colors.setColor(QPalette::WindowText, themeColors(colors).error);
    m_message->setPalette(colors);
}

void JsonEditor::markProblems()
{
    if (!problem().isEmpty())
        return; // the marks are those of the text
    QMap<int, QString> marks;
    const auto text = m_view->toPlainText();
    const auto positions
        = m_document.problems().isEmpty() ? QHash<QString, int>() : jsonPositions(text);
    for (const auto& one : m_document.problems()) {
        auto pointer = one.pointer;
        while (!pointer.isEmpty() && !positions.contains(pointer))
            pointer = parentPointer(pointer); // what is missing: where it should stand
        const auto at = positions.value(pointer);
        auto& message = marks[int(QStringView(text).left(at).count(QLatin1Char('\n'))) + 1];
        message += (message.isEmpty() ? QString() : QStringLiteral("\n")) + one.message;
    }
    m_view->setMarks(marks);
}

void JsonEditor::reveal(const QString& pointer)
{
    if (!problem().isEmpty())
        return;
    const auto positions = jsonPositions(m_view->toPlainText());
    auto known = pointer;
    while (!known.isEmpty() && !positions.contains(known))
        known = parentPointer(known);
    m_view->goTo(positions.value(known));
}

} // namespace leyden::ui
