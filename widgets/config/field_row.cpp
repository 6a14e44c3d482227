// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/config/field_row.h"

#include "widgets/common/icon.h"
#include "widgets/common/plain_text.h"
#include "widgets/common/theme.h"
#include "widgets/config/config_document.h"
#include "widgets/config/field_editor.h"
#include "widgets/config/json_pointer.h"
#include "widgets/config/value_editors.h"
#include "widgets/config/value_text.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <memory>

namespace leyden::ui {

namespace {
constexpr int labelWidth = 240;
constexpr int editorWidth = 256; // at most
constexpr int resetWidth = 24;
constexpr int lineHeight = 26; // of every input
enum Column { NameColumn, EditorColumn, ResetColumn };
} // namespace

FieldRow::FieldRow(
    FormContext& context, const OptionSchema& option, const QString& pointer, QWidget* parent)
    : QWidget(parent), m_context(context), m_option(option), m_pointer(pointer)
{
    setObjectName(QStringLiteral("row:") + pointer);
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(12, 5, 4, 5);
    layout->setHorizontalSpacing(12);
    layout->setVerticalSpacing(2);
    layout->setColumnStretch(EditorColumn, 1);
    setToolTip(option.toolTip());
    setupLabels(*layout);
    setupEditor(*layout);

    const auto& document = m_context.document;
    connect(&document, &ConfigDocument::changed, this, &FieldRow::onChanged);
    connect(&document, &ConfigDocument::problemsChanged, this, &FieldRow::refreshProblems);
    refreshValue();
    refreshMarks();
    refreshEnabled();
    refreshProblems();
}

void FieldRow::setupLabels(QGridLayout& layout)
{
    m_name = new QLabel(m_option.name, this);
    m_name->setTextFormat(Qt::PlainText);
    auto bold = m_name->font();
    bold.setWeight(QFont::Medium);
    m_name->setFont(bold);
    auto* help = new QLabel(m_option.help, this);
    help->setTextFormat(Qt::PlainText);
    help->setWordWrap(true);
    help->setForegroundRole(QPalette::PlaceholderText);
    auto small = help->font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    help->setFont(small);

    auto* texts = new QVBoxLayout;
    texts->setSpacing(1);
    texts->setContentsMargins(0, 4, 0, 0); // the name beside the text of the input
    texts->addWidget(m_name);
    texts->addWidget(help);
    layout.addLayout(texts, 0, NameColumn, Qt::AlignTop);
    layout.setColumnMinimumWidth(NameColumn, labelWidth);
    help->setFixedWidth(labelWidth);
}

void FieldRow::setupEditor(QGridLayout& layout)
{
    m_editor = makeFieldEditor(m_context, m_option, m_pointer, this);
    auto* input = m_editor->input();
    input->setObjectName(QStringLiteral("field:") + m_pointer);
    input->setAccessibleName(m_option.name);
    input->setAccessibleDescription(m_option.help);
    m_name->setBuddy(input);
    m_side = new QVBoxLayout;
    m_side->setSpacing(4);
    if (m_editor->isContainer()) {
        layout.setColumnMinimumWidth(ResetColumn, resetWidth);
        layout.addWidget(m_editor, 1, NameColumn, 1, 3);
        layout.addLayout(m_side, 2, NameColumn, 1, 3);
        layout.setVerticalSpacing(4);
    } else {
        layout.addLayout(m_side, 0, EditorColumn, Qt::AlignTop);
        m_side->addLayout(makeEditorLine());
    }
    connect(m_editor, &FieldEditor::edited, this, [this](const std::optional<Json>& value) {
        if (value)
            m_context.document.setValue(m_pointer, *value);
        else
            m_context.document.unset(m_pointer);
    });
    connect(m_editor, &FieldEditor::finished, &m_context.document, &ConfigDocument::finishEdit);
}

QHBoxLayout* FieldRow::makeEditorLine()
{
    m_editor->setMaximumWidth(editorWidth);
    m_editor->setMinimumHeight(lineHeight);
    auto* line = m_line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_editor, 1000); // up to its maximum; the rest is for the blank
    const auto unitText = m_option.isAvailable ? m_option.unit : tr("not available yet");
    if (auto* text = qobject_cast<TextEditor*>(m_editor); text && !unitText.isEmpty()) {
        text->setUnit(unitText); // inside, so that all fields end at one line
    } else if (!unitText.isEmpty()) {
        auto* unit = new QLabel(unitText, this);
        unit->setForegroundRole(QPalette::PlaceholderText);
        line->addWidget(unit);
    }
    line->addSpacing(resetWidth + line->spacing()); // of the button that is made once it is needed
    line->addStretch(1);
    return line;
}

QToolButton* FieldRow::resetButton()
{
    if (m_reset)
        return m_reset;
    m_reset = new QToolButton(this);
    m_reset->setObjectName(QStringLiteral("reset:") + m_pointer);
    m_reset->setIcon(Icon::themed(QStringLiteral("reset"), IconTone::Accent));
    m_reset->setIconSize({16, 16});
    m_reset->setAutoRaise(true);
    m_reset->setAccessibleName(tr("Reset %1").arg(m_option.name));
    connect(m_reset, &QToolButton::clicked, this, [this] { m_context.document.reset(m_pointer); });
    if (m_line) { // beside what it resets, however wide the page is, in the room kept for it
        auto policy = m_reset->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        m_reset->setSizePolicy(policy);
        m_reset->setFixedWidth(resetWidth);
        const std::unique_ptr<QLayoutItem> room(m_line->takeAt(m_line->count() - 2));
        m_line->insertWidget(m_line->count() - 1, m_reset, 0, Qt::AlignTop);
    } else {
        static_cast<QGridLayout*>(layout())->addWidget(m_reset, 0, ResetColumn, Qt::AlignTop);
    }
    setTabOrder(m_editor, m_reset);
    return m_reset;
}

QLabel* FieldRow::problemLabel()
{
    if (m_problem)
        return m_problem;
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("problem:") + m_pointer);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setIndent(20); // room for the icon
    m_side->addWidget(m_problem);
    auto* icon = new QLabel(m_problem);
    icon->setPixmap(Icon::themed(QStringLiteral("error"), IconTone::Error)
            .pixmap(QSize(14, 14), devicePixelRatioF()));
    icon->move(1, 1);
    return m_problem;
}

void FieldRow::focusInput()
{
    m_editor->input()->setFocus(Qt::OtherFocusReason);
}

void FieldRow::onChanged(const QString& pointer)
{
    if (isWithin(pointer, m_pointer) || isWithin(m_pointer, pointer)) {
        refreshValue();
        refreshMarks();
    }
    if (isWithin(pointer, parentPointer(m_pointer)) || isWithin(m_pointer, pointer))
        refreshEnabled();
}

void FieldRow::refreshValue()
{
    m_editor->showValue(m_context.document.value(m_pointer));
}

void FieldRow::refreshMarks()
{
    const bool isChanged = m_context.document.isChanged(m_pointer);
    if (isChanged == m_isChanged && !isChanged)
        return;
    m_isChanged = isChanged;
    auto* button = resetButton();
    button->setVisible(isChanged);
    if (isChanged) {
        const auto original = m_context.document.baselineText(m_pointer);
        button->setToolTip(plainToolTip(tr("Changed. Back to the preset: %1").arg(original)));
        reveal();
    }
    m_name->setAccessibleDescription(isChanged ? tr("changed from the preset") : QString());
    update();
}

QString FieldRow::missingDependency() const
{
    const auto fits = [this](const OptionDependency& dependency) {
        const auto value = m_context.document.effectiveValue(
            childPointer(parentPointer(m_pointer), dependency.option));
        return dependency.value ? value == *dependency.value
                                : !value.is_null() && value != Json(false);
    };
    for (const auto& dependency : m_option.depends) {
        QStringList wanted;
        bool isFit = false; // several values of one option: any of them
        for (const auto& other : m_option.depends) {
            if (other.option != dependency.option)
                continue;
            isFit = isFit || fits(other);
            if (other.value)
                wanted += plainText(*other.value);
        }
        if (!isFit)
            return wanted.isEmpty()
                ? tr("Only matters when %1 is set.").arg(dependency.option)
                : tr("Only matters when %1 is %2.").arg(dependency.option, wanted.join(tr(" or ")));
    }
    return {};
}

void FieldRow::refreshEnabled()
{
    if (m_option.isAvailable && m_option.depends.empty())
        return;
    const auto reason = m_option.isAvailable ? missingDependency() : tr("Not available yet.");
    m_editor->setEnabled(reason.isEmpty());
    m_name->setEnabled(reason.isEmpty());
    const auto tip = m_option.toolTip();
    setToolTip(reason.isEmpty() || !m_option.isAvailable
            ? tip
            : tip + QStringLiteral("<br/><i>%1</i>").arg(reason.toHtmlEscaped()));
    m_editor->input()->setAccessibleDescription(
        reason.isEmpty() ? m_option.help : m_option.help + QLatin1Char(' ') + reason);
}

void FieldRow::refreshProblems()
{
    const auto messages = m_context.document.problemsAt(m_pointer);
    m_editor->setProblem(!messages.isEmpty());
    if (messages.isEmpty() && !m_hasProblem)
        return;
    m_hasProblem = !messages.isEmpty();
    auto* label = problemLabel();
    showPlainText(*label, messages.join(QLatin1Char('\n')));
    auto colors = palette();
    colors.setColor(QPalette::WindowText, themeColors(colors).error);
    label->setPalette(colors);
    label->setVisible(m_hasProblem);
    m_editor->input()->setAccessibleDescription(
        m_hasProblem ? messages.join(QLatin1Char('\n')) : m_option.help);
    if (m_hasProblem)
        reveal();
}

void FieldRow::reveal()
{
    if (m_context.words.isEmpty() && isHidden())
        setVisible(true);
}

bool FieldRow::fitsSearch() const
{
    QStringList text{m_option.name, m_option.help, m_option.details, m_option.group};
    text += m_option.rangeText();
    for (const auto& component : m_context.document.schema().components(m_option.componentKind()))
        text += component.name;
    const auto all = text.join(QLatin1Char('\n'));
    return std::all_of(m_context.words.begin(), m_context.words.end(),
        [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

FilterResult FieldRow::applyFilter()
{
    auto result = m_editor->applyFilter();
    if (!m_context.words.isEmpty()) {
        if (fitsSearch()) {
            ++result.matches;
            result.isVisible = true;
        }
        result.isVisible = result.matches > 0;
        setVisible(result.isVisible);
        return result;
    }
    const bool isShown = !m_option.isAdvanced || m_context.showsAll || m_isChanged || m_hasProblem;
    if (!isShown)
        result = {0, 1, false};
    result.isVisible = isShown;
    setVisible(isShown);
    return result;
}

void FieldRow::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    if (!m_isChanged)
        return;
    QPainter painter(this);
    const auto length = m_editor->isContainer() ? m_editor->y() - 12 : height() - 12;
    painter.fillRect(QRect(0, 6, 3, length), themeColors(palette()).accent);
}

void FieldRow::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange && m_problem && m_hasProblem) {
        delete m_problem; // its icon has the old theme's colour
        m_problem = nullptr;
        refreshProblems();
    }
    QWidget::changeEvent(event);
}

} // namespace leyden::ui
